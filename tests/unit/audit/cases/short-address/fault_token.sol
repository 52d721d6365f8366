pragma solidity ^0.4.18;

contract Points {
    mapping(address => uint256) held;

    function give(address to, uint256 amount) public returns (bool) { // fault
        require(held[msg.sender] >= amount);
        held[msg.sender] -= amount;
        held[to] += amount;
        return true;
    }
}
