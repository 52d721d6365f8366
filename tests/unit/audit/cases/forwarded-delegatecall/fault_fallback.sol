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

    fallback() external {
        (bool ok, ) = logic.delegatecall(msg.data); // fault
        require(ok);
    }
}
