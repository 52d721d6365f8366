pragma solidity ^0.8.0;

contract Points {
    address owner = msg.sender;
    uint256 public total;
    mapping(address => uint256) public held;

    function make(address to, uint256 amount) external {
        total += amount;
        held[to] += amount; // fault
    }

    function close() external {
        require(msg.sender == owner);
        selfdestruct(payable(owner));
    }
}
