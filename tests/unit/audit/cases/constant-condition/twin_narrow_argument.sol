// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What is handed over is narrower than the parameter, which the check is for.
contract Years {
    uint256 public sum;

    function _shifted(uint256 x) internal pure returns (uint256 result) {
        for (uint256 i = 0; i < 2; ++i) {
            if (x <= 0xFFFFFFFFFFFFFFFF) result = x << 64;
        }
    }

    function keep(uint32 time) external { sum = _shifted(time); }
}
