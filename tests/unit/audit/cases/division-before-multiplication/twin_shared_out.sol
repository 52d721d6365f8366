// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What is left over is kept, or handed to the last one.
contract Shares {
    uint256 public pool;
    uint256 public from;
    mapping(address => uint256) public due;

    function share(address[] calldata payees) external {
        uint256 each = pool / uint64(payees.length);
        for (uint256 i = 0; i < payees.length; ++i) due[payees[i]] += each;
        pool -= each * uint64(payees.length);
    }

    function cut(uint256 length, uint256 parts, uint256 part) external returns (uint256 size) {
        size = length / parts;
        from = size * part;
        if (part == parts - 1) size += length % parts;
    }
}
