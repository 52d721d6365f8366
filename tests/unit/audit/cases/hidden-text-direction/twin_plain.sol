pragma solidity ^0.8.0;

// left to right, → and ← are arrows
contract A {
    uint256 public one = 1;
}
