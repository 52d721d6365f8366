pragma solidity ^0.8.0;

contract Points {
    uint256 total;

    function split(uint256 a) external returns (uint256, uint256) { // fault
        total = a / 2;
    }
}
