// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Contest {
    bytes32 public solution;

    constructor(bytes32 hash) payable {
        solution = hash;
    }

    function solve(string calldata answer) external payable {
        require(solution == keccak256(bytes(answer)));
        payable(msg.sender).transfer(address(this).balance);
    }
}
