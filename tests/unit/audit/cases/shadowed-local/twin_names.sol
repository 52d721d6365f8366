pragma solidity ^0.8.0;

contract Owned {
    address public owner;

    function set(address next) external {
        owner = next;
    }
}

interface Other {
    function set(address owner) external;
}
