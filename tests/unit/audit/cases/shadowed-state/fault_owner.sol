pragma solidity ^0.4.24;

contract Owned {
    address owner;

    function close() public {
        require(msg.sender == owner);
        selfdestruct(owner);
    }
}

contract Purse is Owned {
    address owner; // fault

    constructor() public {
        owner = msg.sender;
    }
}
