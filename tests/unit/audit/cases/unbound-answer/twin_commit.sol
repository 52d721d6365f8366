// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Puzzle {
    bytes32 public immutable answerHash;
    mapping(address => bytes32) public commits;
    mapping(address => uint256) public since;
    bool public solved;

    constructor(bytes32 hash) payable {
        answerHash = hash;
    }

    function commit(bytes32 hash) external {
        commits[msg.sender] = hash;
        since[msg.sender] = block.number;
    }

    function solve(string calldata answer, bytes32 salt) external {
        require(!solved, "solved");
        require(commits[msg.sender] == keccak256(abi.encode(msg.sender, answer, salt)), "commit");
        require(block.number > since[msg.sender] + 5, "early");
        require(keccak256(abi.encodePacked(answer)) == answerHash, "wrong");
        solved = true;
        (bool ok, ) = msg.sender.call{value: 10 ether}("");
        require(ok);
    }
}
