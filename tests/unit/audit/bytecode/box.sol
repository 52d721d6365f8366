// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;
contract Box {
    mapping(address => uint256) bal; mapping(address => uint256) due; mapping(address => uint256) kept; mapping(address => bool) seen;
    address public owner; bool locked; address logic;
    constructor() { owner = msg.sender; }
    function put() public payable { due[msg.sender] += msg.value; }
    function F_reentrancy() public { uint a = due[msg.sender]; (bool ok,) = msg.sender.call{value: a}(""); require(ok); due[msg.sender] = 0; }
    function T_reentrancy() public { uint a = due[msg.sender]; due[msg.sender] = 0; (bool ok,) = msg.sender.call{value: a}(""); require(ok); }
    function keep() public payable { require(!locked); kept[msg.sender] += msg.value; }
    function T2_reentrancy() public { require(!locked); locked = true; uint a = kept[msg.sender]; (bool ok,) = msg.sender.call{value: a}(""); require(ok); kept[msg.sender] = 0; locked = false; }
    function F_access_owner(address o) public { owner = o; }
    function T_access_owner(address o) public { require(msg.sender == owner); owner = o; }
    function F_access_kill() public { selfdestruct(payable(msg.sender)); }
    function T_access_kill() public { require(msg.sender == owner); selfdestruct(payable(msg.sender)); }
    function F_access_delegate(address t, bytes memory d) public { (bool ok,) = t.delegatecall(d); require(ok); }
    function T_access_delegate(address t, bytes memory d) public { require(msg.sender == owner); (bool ok,) = t.delegatecall(d); require(ok); }
    function F_access_origin() public { require(tx.origin == owner); payable(msg.sender).transfer(address(this).balance); }
    function T_access_origin() public { require(msg.sender == owner); payable(msg.sender).transfer(address(this).balance); }
    function F_access_take() public { payable(msg.sender).transfer(address(this).balance); }
    function F_unchecked(address payable t) public { require(msg.sender == owner); t.call{value: 1}(""); due[t] = 0; }
    function T_unchecked(address payable t) public { require(msg.sender == owner); due[t] = 0; (bool ok,) = t.call{value: 1}(""); require(ok); }
    function F_random() public payable { if (uint(keccak256(abi.encodePacked(block.number, block.timestamp))) % 2 == 0) payable(msg.sender).transfer(2 ether); }
    function F_overflow(address to, uint256 v) public { unchecked { bal[msg.sender] -= v; } unchecked { bal[to] += v; } }
    function T_overflow(address to, uint256 v) public { bal[msg.sender] -= v; bal[to] += v; }
    function F_overflow_mul(uint256 n, uint256 p, address to) public { uint t; unchecked { t = n * p; } require(due[msg.sender] >= t); due[msg.sender] -= t; due[to] += n; }
    function T_overflow_mul(uint256 n, address to) public { require(n < 1000); uint t = n * 30; require(due[msg.sender] >= t); due[msg.sender] -= t; due[to] += 1; }
}
