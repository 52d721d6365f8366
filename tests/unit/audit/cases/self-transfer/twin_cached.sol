// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract SelfDup {
    mapping(address => uint256) public balanceOf;
    constructor() { balanceOf[msg.sender] = 1e24; }
    function transfer(address to, uint256 v) external {
        uint256 from_ = balanceOf[msg.sender];
        uint256 to_ = balanceOf[to];
        require(from_ >= v, "bal");
        require(to != msg.sender, "self");
        balanceOf[msg.sender] = from_ - v;
        balanceOf[to] = to_ + v;
    }
}
