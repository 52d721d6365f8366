pragma solidity ^0.8.0;

contract Loops {
    function run(uint8 top) external pure returns (uint256 sum) {
        for (uint8 i = top; i >= 0; i--) { // fault
            sum += i;
        }
        if (top > 255) { // fault
            sum = 0;
        }
    }
}
