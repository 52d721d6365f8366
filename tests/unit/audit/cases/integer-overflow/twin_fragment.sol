pragma solidity ^0.8.0;

function grow(uint256 amount) public {
    total += amount;
}
