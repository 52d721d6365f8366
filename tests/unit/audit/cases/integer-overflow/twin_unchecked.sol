// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Lottery {
    uint256 public constant PRICE = 1 ether;
    mapping(address => uint256) public tickets;
    mapping(address => uint256) public until;
    uint256 public pool;

    function buy(uint256 count) external payable {
        require(msg.value == count * PRICE, "price");
        tickets[msg.sender] += count;
    }

    function extend(uint256 time) external {
        require(time <= 365 days, "long");
        until[msg.sender] += time;
    }

    function give(address[] calldata to, uint256[] calldata counts) external {
        uint256 sum;
        for (uint256 i = 0; i < to.length; ) {
            sum += counts[i];
            unchecked {
                ++i;
            }
        }
        require(tickets[msg.sender] >= sum, "short");
        unchecked {
            tickets[msg.sender] -= sum;
        }
        for (uint256 i = 0; i < to.length; i++) {
            tickets[to[i]] += counts[i];
        }
    }
}
