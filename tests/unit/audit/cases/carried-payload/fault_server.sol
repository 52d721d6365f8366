// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Where {
    address boss = msg.sender;
    string public next = "https://cargo.invalid/api"; // fault

    function move(string calldata to) external {
        require(msg.sender == boss);
        next = to;
    }
}
