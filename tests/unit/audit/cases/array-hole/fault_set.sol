// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Set {
    address[] public list; address public owner = msg.sender;
    function add(address a) external { require(msg.sender == owner); require(list.length < 100); list.push(a); }
    function remove(uint256 i) external {
        require(msg.sender == owner);
        delete list[i];  // fault
    }
}
