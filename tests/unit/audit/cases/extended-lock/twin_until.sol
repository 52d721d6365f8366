pragma solidity ^0.8.20;

contract Locks {
    mapping(address => uint256) public until;
    mapping(address => uint256) public sum;
    mapping(address => uint256) public seen;
    address internal keeper = msg.sender;

    function give(address to) external payable {
        sum[to] += msg.value;
        seen[to] = block.timestamp;
    }

    function hold(address to) external {
        require(msg.sender == keeper, "keeper");
        until[to] = block.timestamp + 30 days;
    }

    function lock() external {
        until[msg.sender] = block.timestamp + 30 days;
    }

    function take() external {
        if (block.timestamp < until[msg.sender]) revert();
        uint256 all = sum[msg.sender];
        sum[msg.sender] = 0;
        payable(msg.sender).transfer(all);
    }
}
