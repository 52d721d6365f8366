// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A time is cut to whole periods.
contract Periods {
    uint32 public immutable period;
    uint32 public last;

    constructor(uint32 length) { period = length; }

    function commit() external {
        uint32 time = uint32(block.timestamp);
        uint32 rest = time % period;
        last = rest < period / 2 ? time - rest : time + period - rest;
    }
}
