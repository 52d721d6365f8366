// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Signed {
    mapping(address => int256) public position;
    mapping(address => uint256) public margin;
    function deposit() external payable { margin[msg.sender] += msg.value; }
    function setDelta(int256 d) external {
        uint256 need = uint256(d) / 10;  // fault
        require(margin[msg.sender] >= need, "margin");
        position[msg.sender] += d;
    }
    function settle(uint256 size) external {
        position[msg.sender] -= int256(size);  // fault
    }
}
