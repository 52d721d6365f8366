pragma solidity ^0.8.0;

contract Base {
    uint256 internal total;
}

contract Sums is Base {
    function sum(uint256 a) external pure returns (uint256) {
        uint256 total = a; // fault
        return total + 1;
    }
}
