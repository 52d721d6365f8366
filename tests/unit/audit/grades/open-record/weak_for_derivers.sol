// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Whoever derives from it puts a restriction before the setter.
abstract contract Ways {
    address internal immutable chief = msg.sender;
    mapping(uint256 => uint256) public weight;
    bool public closed;

    function close() external { require(msg.sender == chief, "chief"); closed = true; }

    function weigh(uint256 way, uint256 amount) public virtual {
        weight[way] = amount; // here
    }
}
