// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Sale {
    address public owner = msg.sender;
    uint256 public rate = 5;
    mapping(address => uint256) public credit;

    function setRate(uint256 given) external {
        require(msg.sender == owner);
        rate = given;
    }

    function buy() external payable {
        credit[msg.sender] += msg.value * rate; // fault
    }
}
