pragma solidity ^0.8.0;

contract Clubs {
    struct Club {
        address head;
        uint256 since;
    }

    mapping(uint256 => Club) clubs;
    mapping(uint256 => mapping(address => bool)) members;

    function close(uint256 id) external {
        require(clubs[id].head == msg.sender);
        delete clubs[id];
    }
}
