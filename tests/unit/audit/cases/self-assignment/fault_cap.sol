// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Base {
    address public admin;
    constructor() { admin = msg.sender; }
    modifier onlyAdmin() { require(msg.sender == admin, "a"); _; }
}
contract Derived is Base {
    uint256 public cap;
    function setCap(uint256 cap) external onlyAdmin { cap = cap; }  // fault
}
