// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Bounty {
    address payable public owner;
    uint256 public reward;
    bool public claimed;
    uint256 public rate = 5;
    mapping(address => uint256) public credit;

    constructor() {
        owner = payable(msg.sender);
    }

    function setReward() external payable {
        require(!claimed && msg.sender == owner);
        reward += msg.value;
    }

    function setRate(uint256 given) external {
        require(msg.sender == owner);
        rate = given;
    }

    function claim(uint256 work, uint256 least) external {
        require(!claimed && work < 10 && reward >= least);
        claimed = true;
        payable(msg.sender).transfer(reward);
    }

    function buy(uint256 leastRate) external payable {
        require(rate >= leastRate, "rate");
        credit[msg.sender] += msg.value * rate;
    }
}
