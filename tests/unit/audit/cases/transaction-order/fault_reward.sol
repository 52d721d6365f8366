// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Bounty {
    address payable public owner;
    uint256 public reward;
    bool public claimed;

    constructor() {
        owner = payable(msg.sender);
    }

    function setReward() external payable {
        require(!claimed && msg.sender == owner);
        owner.transfer(reward); // fault
        reward = msg.value;
    }

    function raise() external payable {
        reward += msg.value;
    }

    function claim(uint256 work) external {
        require(!claimed && work < 10);
        claimed = true;
        payable(msg.sender).transfer(reward); // fault
    }
}
