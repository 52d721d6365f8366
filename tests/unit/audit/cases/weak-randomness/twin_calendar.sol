// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// The hour of the day and the day of the week.
contract Opening {
    function isOpen() external view returns (bool) {
        uint256 hour = (block.timestamp / 3600) % 24;
        uint256 day = (block.timestamp / 1 days + 4) % 7;
        return day != 0 && hour >= 9 && hour < 17;
    }
}
