pragma solidity ^0.8.0;

contract Clubs {
    struct Club {
        address head;
        mapping(address => bool) members;
    }

    mapping(uint256 => Club) clubs;

    function leave(uint256 id) external {
        delete clubs[id].members[msg.sender];
        delete clubs[id].head;
    }
}
