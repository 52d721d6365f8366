pragma solidity ^0.8.0;

contract Fees {
    mapping(address => uint256) public owed;
    uint256 public rate;
    uint256 constant BASE = 10_000;

    function pay(address to) external payable {
        uint256 fee = (msg.value / BASE) * rate; // fault
        owed[to] += msg.value - fee;
    }

    function send(address payable to, uint256 amount, uint256 parts) external {
        uint256 part = amount / parts;
        uint256 sum = part * 3; // fault
        owed[msg.sender] -= sum;
        to.transfer(sum);
    }
}
