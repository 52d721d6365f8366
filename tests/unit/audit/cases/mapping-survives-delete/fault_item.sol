pragma solidity ^0.8.0;

contract Clubs {
    struct Club {
        address head;
        mapping(address => bool) members;
    }

    mapping(uint256 => Club) clubs;

    function close(uint256 id) external {
        require(clubs[id].head == msg.sender);
        delete clubs[id]; // fault
    }
}
