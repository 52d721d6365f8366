pragma solidity ^0.8.0;

contract Sums {
    function sum(uint a, uint b) external pure returns (uint) {
        uint[2] memory parts;
        parts[0] = a;
        parts[1] = b;
        return parts[0] + parts[1];
    }
}
