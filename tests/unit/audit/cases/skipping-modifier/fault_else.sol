pragma solidity ^0.8.0;

contract Gates {
    uint256 public left = 3;
    uint256 public missed;

    modifier counted() { // fault
        if (left > 0) {
            left -= 1;
            _;
        } else {
            missed += 1;
        }
    }

    function pass() external counted returns (bool) {
        return true;
    }
}
