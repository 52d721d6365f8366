pragma solidity ^0.8.0;

contract Loops {
    mapping(address => uint256) held;

    function take(uint256 amount, uint8 top, int256 step) external {
        require(held[msg.sender] >= amount);
        held[msg.sender] -= amount;
        require(step >= 0 && top < 255 && top > 0);
    }
}
