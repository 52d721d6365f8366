pragma solidity ^0.8.0;

contract Shared {
    uint256 constant LEAST = 0;

    function sized(uint256 size, bool exact) internal pure returns (bool) {
        return size > 0 && exact;
    }

    function f() external pure returns (bool) {
        return sized(0, true);
    }

    function g(uint256 size) external pure returns (bool) {
        return sized(size, false) || size == LEAST;
    }
}
