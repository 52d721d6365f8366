// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Lottery {
    uint256 public constant PRICE = 1 ether;
    mapping(address => uint256) public tickets;
    mapping(address => uint256) public until;
    uint256 public pool;

    function buy(uint256 count) external payable {
        unchecked {
            require(msg.value == count * PRICE, "price"); // fault
            tickets[msg.sender] += count; // fault
        }
    }

    function extend(uint256 time) external {
        unchecked {
            until[msg.sender] += time; // fault
        }
    }

    function give(address[] calldata to, uint256[] calldata counts) external {
        uint256 sum;
        for (uint256 i = 0; i < to.length; i++) {
            unchecked {
                sum += counts[i]; // fault
            }
        }
        require(tickets[msg.sender] >= sum, "short");
        tickets[msg.sender] -= sum;
        for (uint256 i = 0; i < to.length; i++) {
            tickets[to[i]] += counts[i];
        }
    }
}
