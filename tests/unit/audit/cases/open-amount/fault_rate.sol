// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Desk {
    address immutable keeper;
    uint256 rate = 3;
    mapping(address => uint256) points;

    constructor() {
        keeper = msg.sender;
    }

    function fund() external payable {
        require(msg.sender == keeper);
    }

    function changeRate(uint256 given) public {
        require(given > 0);
        rate = given; // fault
    }

    function cash(uint256 count) external {
        points[msg.sender] -= count;
        payable(msg.sender).transfer(count * rate);
    }
}
