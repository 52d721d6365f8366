pragma solidity ^0.4.18;

contract Points {
    mapping(address => uint256) held;

    modifier whole(uint size) {
        require(msg.data.length >= size + 4);
        _;
    }

    function give(address to, uint256 amount) public whole(64) {
        require(held[msg.sender] >= amount);
        held[msg.sender] -= amount;
        held[to] += amount;
    }
}
