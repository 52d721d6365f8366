// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

contract Till {
    address public owner = msg.sender;
    uint256 public total;
    bool public paused;
    mapping(address => uint256) public held;
    IERC20 public token;

    function deposit() external payable {
        held[msg.sender] += msg.value;
        total += msg.value;
    }

    function drain(uint256 amount) external {
        require(!paused && amount <= total, "no");
        total -= amount;
        payable(msg.sender).transfer(amount); // fault
    }

    function takeOf(address account) external {
        uint256 due = held[account];
        held[account] = 0;
        (bool ok, ) = msg.sender.call{value: due}(""); // fault
        require(ok);
    }

    function sweep(address to) external {
        token.transfer(to, token.balanceOf(address(this))); // fault
    }
}
