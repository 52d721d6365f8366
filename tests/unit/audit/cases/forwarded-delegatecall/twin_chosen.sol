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

    function add(uint256 number) external {
        (bool ok, ) = logic.delegatecall(abi.encodeWithSignature("add(uint256)", number));
        require(ok);
    }

    function ask(bytes calldata message) external view returns (bytes memory) {
        (bool ok, bytes memory answer) = logic.staticcall(message);
        require(ok);
        return answer;
    }
}
