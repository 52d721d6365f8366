pragma solidity ^0.8.0;

contract Owned {
    address public owner;

    function set(address owner) external { // fault
        owner = msg.sender;
    }
}
