// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Lock {
    mapping(address => uint256) public until;
    mapping(address => uint256) public held;

    function prolong(uint256 time) external {
        until[msg.sender] += time;
    }

    function put(uint256 amount, address from) external payable {
        require(amount == msg.value && from == msg.sender, "other");
        held[from] += amount;
    }

    function take(uint256 amount) external {
        require(block.timestamp > until[msg.sender], "locked");
        held[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}
