pragma solidity ^0.8.20;

contract Locks {
    mapping(address => uint256) public until;
    mapping(address => uint256) public sum;

    function give(address to) external payable {
        sum[to] += msg.value;
        until[to] = block.timestamp + 30 days; // fault
    }

    function take() external {
        if (block.timestamp < until[msg.sender]) revert();
        uint256 all = sum[msg.sender];
        sum[msg.sender] = 0;
        payable(msg.sender).transfer(all);
    }
}
