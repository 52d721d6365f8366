pragma solidity ^0.8.20;
library Interest {
    function grown(uint256 rate, uint256 time) internal pure returns (uint256) {
        return rate / 31536000 * time; // fault
    }
}
contract Loans {
    using Interest for uint256;
    uint256 public index;
    uint256 public rate;
    uint256 public last;
    function take() external {
        index += rate.grown(block.timestamp - last);
    }
    function give() external {
        index += rate.grown(block.timestamp - last);
        last = block.timestamp;
    }
}
