// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Lottery {
    address[] public players;
    uint256 private nonce;

    function join() external payable {
        require(msg.value == 0.1 ether);
        players.push(msg.sender);
    }

    function draw() external {
        uint256 seed = uint256(keccak256(abi.encodePacked(block.prevrandao, block.timestamp, players.length))); // fault
        payable(players[seed % players.length]).transfer(address(this).balance);
    }

    function flip() external payable {
        nonce++;
        uint256 side = uint256(keccak256(abi.encodePacked(msg.sender, nonce))) % 2; // fault
        if (side == 1) payable(msg.sender).transfer(2 * msg.value);
    }
}
