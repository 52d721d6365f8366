// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Auction {
    address public leader;
    uint256 public bid;
    mapping(address => uint256) public due;

    function raise() external payable {
        require(msg.value > bid, "low");
        due[leader] += bid;
        leader = msg.sender;
        bid = msg.value;
    }

    function take() external {
        uint256 amount = due[msg.sender];
        due[msg.sender] = 0;
        (bool ok, ) = msg.sender.call{value: amount}("");
        require(ok);
    }
}
