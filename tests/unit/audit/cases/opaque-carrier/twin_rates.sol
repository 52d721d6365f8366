// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Rates {
    address boss = msg.sender;
    uint32 start;
    uint16 rate;
    uint256 paid;

    function set(uint32 from, uint16 to) external {
        require(msg.sender == boss);
        start = from;
        rate = to;
    }

    function pay() external payable {
        require(block.timestamp >= start);
        paid += msg.value - (msg.value * rate) / 10_000;
    }
}
