pragma solidity ^0.8.0;

contract Points {
    uint256 total;

    function one(uint256 a) external returns (bool) {
        total = a;
        return true;
    }

    function named(uint256 a) external returns (uint256 sum) {
        total = a;
        sum = a + 1;
    }
}
