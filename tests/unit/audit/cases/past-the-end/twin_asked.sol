// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The counter may be the length; the item is only read if it is not.
contract Keys {
    function walk(bytes[] calldata steps) external pure returns (uint256 sum) {
        uint256 at;
        while (at <= steps.length) {
            if (at == steps.length) {
                return sum;
            }
            sum += steps[at].length;
            at += 1;
        }
    }
}
