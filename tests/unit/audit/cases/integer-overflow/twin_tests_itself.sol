// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Sums {
    mapping(address => uint256) public held;
    uint256 public total;

    function add(uint256 amount) external {
        unchecked {
            uint256 sum = total + amount;
            if (sum < total) revert();
            total = sum;
        }
    }

    function scale(uint256 a, uint256 b) external {
        unchecked {
            uint256 product = a * b;
            if (a != 0 && product / a != b) revert();
            total = product;
        }
    }

    function spend(uint256 amount) external {
        uint256 had = held[msg.sender];
        if (amount > had) revert();
        unchecked {
            held[msg.sender] = had - amount;
        }
    }
}
