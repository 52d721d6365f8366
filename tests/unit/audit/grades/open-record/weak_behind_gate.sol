// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Logic behind a gate that restricts who gets to any of its setters.
contract Logic {
    address public chief = msg.sender;
    uint256 public stake;
    uint256 public period;
    uint256 public window;
    bytes32 public root;

    function sweep() external { require(msg.sender == chief, "chief"); stake = 0; }

    function setStake(uint256 amount) external {
        stake = amount; // here
    }

    function setPeriod(uint256 length) external {
        period = length; // here
    }

    function setWindow(uint256 length) external {
        window = length; // here
    }

    function setRoot(bytes32 next) external {
        root = next; // here
    }
}
