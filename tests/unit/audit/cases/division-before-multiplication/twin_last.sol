pragma solidity ^0.8.0;

contract Fees {
    mapping(address => uint256) public owed;
    uint256 public rate;
    uint256 public step;
    uint256 public price;

    function pay(address to) external payable {
        uint256 fee = (msg.value * rate) / 10_000;
        owed[to] += msg.value - fee;
    }

    function round(uint256 amount) external {
        owed[msg.sender] = (amount / step) * step;
    }

    function value(uint256 amount, uint256 total) external {
        uint256 share = (amount * 1e18) / total;
        owed[msg.sender] = (share * price) / 1e18;
    }
}
