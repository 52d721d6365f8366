// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Desk {
    address immutable keeper;
    uint256 rate;
    uint256 lastGuess;
    mapping(address => uint256) points;

    constructor() {
        keeper = msg.sender;
    }

    function fund() external payable {
        require(msg.sender == keeper);
    }

    function start(uint256 given) public {
        require(rate == 0, "started");
        rate = given;
    }

    function guess(uint256 given) public {
        lastGuess = given;
    }

    function cash(uint256 count) external {
        points[msg.sender] -= count;
        payable(msg.sender).transfer(count * rate);
    }
}
