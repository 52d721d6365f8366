// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The parts are held equal to the ether sent before they are booked.
contract Parts {
    mapping(address => uint256) public held;

    function give(address one, uint256 first, address two, uint256 second) external payable {
        if (msg.value != (first + second)) revert("value");
        unchecked {
            held[one] += first;
            held[two] += second;
        }
    }
}
