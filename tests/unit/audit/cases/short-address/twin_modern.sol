pragma solidity ^0.5.0;

contract Points {
    mapping(address => uint256) held;

    function give(address to, uint256 amount) public {
        require(held[msg.sender] >= amount);
        held[msg.sender] -= amount;
        held[to] += amount;
    }
}
