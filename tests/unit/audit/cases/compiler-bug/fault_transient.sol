pragma solidity ^0.8.28;

contract Locks {
    address owner;
    address transient user;

    function leave() external {
        require(msg.sender == owner);
        delete owner;
        delete user; // fault
    }
}
