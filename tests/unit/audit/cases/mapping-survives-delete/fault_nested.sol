pragma solidity ^0.6.0;

contract Clubs {
    struct Votes { mapping(address => uint256) by; }
    struct Club { address head; Votes votes; }

    Club club;

    function close() external {
        require(club.head == msg.sender);
        delete club; // fault
    }
}
