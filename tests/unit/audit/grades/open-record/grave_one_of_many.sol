// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// One setter of many has lost its check.
contract Dials {
    address public immutable chief = msg.sender;
    uint256 public stake;
    uint256 public period;

    modifier onlyChief() { require(msg.sender == chief, "chief"); _; }

    function setStake(uint256 amount) external onlyChief { stake = amount; }

    function setPeriod(uint256 length) external {
        period = length; // here
    }
}
