// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Relay {
    address public owner;
    address public logic;

    constructor(address given) {
        owner = msg.sender;
        logic = given;
    }

    function setLogic(address given) external {
        require(msg.sender == owner, "owner");
        logic = given;
    }

    function run(bytes calldata message) external {
        require(msg.sender == owner, "owner");
        (bool ok, ) = logic.delegatecall(message);
        require(ok);
    }
}
