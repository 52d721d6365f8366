pragma solidity ^0.5.17;
library Sums {
    function add(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 c = a + b;
        require(c >= a, "too large");
        return c;
    }
}
contract Report {
    using Sums for uint256;
    uint256 public all;
    function report(uint256[] calldata parts) external {
        uint256 sum = 0;
        for (uint256 i = 0; i < parts.length; i++) {
            sum = sum.add(parts[i]);
        }
        all = sum;
    }
}
