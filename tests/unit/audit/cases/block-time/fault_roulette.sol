// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Roulette {
    uint256 private last;

    function spin() external payable {
        require(msg.value == 1 ether);
        require(block.timestamp != last); // fault
        last = block.timestamp; // fault
        if (block.timestamp % 15 == 0) { // fault
            payable(msg.sender).transfer(address(this).balance);
        }
    }
}
