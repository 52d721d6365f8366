pragma solidity ^0.6.0;

contract Base {
    uint256 public total;
    mapping(address => uint256) public held;

    function issue(address to, uint256 amount) internal {
        require(to != address(0));
        total = total + amount;
        held[to] = held[to] + amount; // fault
    }
}

contract Points is Base {
    function make(uint256 amount) public {
        issue(msg.sender, amount);
    }
}
