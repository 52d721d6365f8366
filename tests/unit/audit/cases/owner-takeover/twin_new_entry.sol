// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Whoever opens an account says who may use it; each account has a number of its own.
contract Accounts {
    mapping(uint256 => uint256) public funds;
    mapping(address => mapping(uint256 => bool)) public users;
    uint256 public last;

    function open(address user) external payable returns (uint256 number) {
        number = ++last;
        funds[number] = msg.value;
        users[user][number] = true;
    }

    function spend(uint256 number, uint256 amount) external {
        require(users[msg.sender][number], "user");
        funds[number] -= amount;
    }
}
