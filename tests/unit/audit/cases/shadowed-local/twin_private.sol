pragma solidity ^0.8.0;

contract Base {
    uint256 private total;
}

contract Sums is Base {
    function sum(uint256 a) external pure returns (uint256) {
        uint256 total = a;
        return total + 1;
    }
}
