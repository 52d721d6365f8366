// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Points {
    mapping(address => uint256) public points;

    function award(address to, uint256 amount) external {
        require(to != address(0), "nobody");
        points[to] += amount; // fault
    }

    function spend(uint256 amount) external {
        points[msg.sender] -= amount;
    }
}
