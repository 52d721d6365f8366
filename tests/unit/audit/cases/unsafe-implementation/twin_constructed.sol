pragma solidity ^0.8.0;

contract Vault {
    address owner;

    constructor() {
        owner = msg.sender;
    }

    function close() external {
        require(msg.sender == owner);
        selfdestruct(payable(owner));
    }
}
