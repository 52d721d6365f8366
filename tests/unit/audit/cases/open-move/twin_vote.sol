// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Poll {
    mapping(address => uint256) public choice;
    mapping(uint256 => uint256) public votes;

    function vote(uint256 option) external {
        require(choice[msg.sender] == 0, "voted");
        choice[msg.sender] = option;
        votes[option] += 1;
    }

    function refund() external {
        uint256 due = votes[1] > votes[2] ? 1 : 2;
        payable(msg.sender).transfer(due);
    }
}
