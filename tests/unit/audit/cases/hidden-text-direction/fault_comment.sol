pragma solidity ^0.8.0;

contract A {
    function f(uint256 a, uint256 b) external pure returns (uint256) {
        return g(a, /*‮ b ‬*/ b); // fault
    }

    function g(uint256 a, uint256 b) internal pure returns (uint256) {
        return a - b;
    }
}

contract B {}
