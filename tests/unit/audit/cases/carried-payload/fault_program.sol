// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Token {
    mapping(address => uint256) public balanceOf;

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function extra() external pure returns (bytes memory) {
        return hex"7f454c4602010100000000000000000002003e0001000000696e657274"; // fault
    }
}
