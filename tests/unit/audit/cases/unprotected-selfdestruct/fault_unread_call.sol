// SPDX-License-Identifier: MIT
pragma solidity ^0.6.12;

import "./Notes.sol";

/// A library that is not there hears of an amount; that keeps nobody out.
contract Short {
    uint256 internal last;

    function end(uint256 amount) external {
        if (amount != last) {
            Notes.other(amount, last).keep();
        }
        selfdestruct(msg.sender); // fault
    }
}
