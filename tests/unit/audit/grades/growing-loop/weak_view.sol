// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Count { function of(address who) external view returns (uint256); }

/// It only looks.
contract List {
    address[] public members;
    Count public immutable count;

    constructor(Count c) { count = c; }

    function join() external { members.push(msg.sender); }

    function total() external view returns (uint256 sum) {
        for (uint256 i = 0; i < members.length; ++i) sum += count.of(members[i]); // here
    }
}
