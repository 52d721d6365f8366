// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The sum of the parts may wrap itself.
contract Parts {
    mapping(address => uint256) public held;

    function give(address one, uint256 first, address two, uint256 second) external payable {
        unchecked {
            if (msg.value != (first + second)) revert("value"); // fault
            held[one] += first; // fault
            held[two] += second; // fault
        }
    }
}
