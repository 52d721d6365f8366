pragma solidity ^0.8.0;

contract Sums {
    function half(uint256 a) external pure returns (uint256) {
        require(a % 2 == 0);
        return a / 2;
    }
}
