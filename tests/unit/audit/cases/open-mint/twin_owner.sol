pragma solidity ^0.8.0;

contract Points {
    address owner = msg.sender;
    uint256 public total;
    mapping(address => uint256) public held;
    mapping(address => uint256) public due;

    function make(address to, uint256 amount) external {
        require(msg.sender == owner);
        total += amount;
        held[to] += amount;
    }

    function claim(uint256 amount) external {
        due[msg.sender] -= amount;
        total += amount;
        held[msg.sender] += amount;
    }
}
