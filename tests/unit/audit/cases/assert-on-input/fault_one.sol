pragma solidity ^0.8.0;

contract Sums {
    function half(uint256 a) external pure returns (uint256) {
        assert(a % 2 == 0); // fault
        return a / 2;
    }
}
