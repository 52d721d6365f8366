pragma solidity ^0.4.24;

contract Owned {
    address owner = msg.sender;

    modifier mine() { // fault
        if (msg.sender == owner) _;
    }

    function close() public mine {
        selfdestruct(owner);
    }
}
