// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Puzzle {
    bytes32 public immutable answerHash;
    bool public solved;

    constructor(bytes32 hash) payable {
        answerHash = hash;
    }

    function solve(string calldata answer) external {
        require(!solved, "solved");
        require(keccak256(abi.encodePacked(answer)) == answerHash, "wrong");
        solved = true;
        (bool ok, ) = msg.sender.call{value: 10 ether}(""); // fault
        require(ok);
    }
}
