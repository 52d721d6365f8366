// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The bare time decides who is paid.
contract Lottery {
    address[] public players;
    uint256 public immutable sides;

    constructor(uint256 n) { sides = n; }

    function play() external payable {
        players.push(msg.sender);
        if (block.timestamp % sides == 0) { // here
            payable(msg.sender).transfer(address(this).balance);
        }
    }

    function draw() external {
        address winner = players[block.timestamp % players.length]; // here
        payable(winner).transfer(1 ether);
    }
}
