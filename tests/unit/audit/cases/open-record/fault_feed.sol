// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract PriceFeed {
    address public reporter;
    mapping(address => uint256) public priceOf;
    uint256 public updatedAt;
    event Price(address indexed asset, uint256 p);
    constructor() { reporter = msg.sender; }
    function setReporter(address r) external { require(msg.sender == reporter, "r"); reporter = r; }
    function updatePrice(address asset, uint256 p) external {
        priceOf[asset] = p;  // fault
        updatedAt = block.timestamp;
        emit Price(asset, p);
    }
}
