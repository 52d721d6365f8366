// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Lottery {
    address payable house = payable(msg.sender);
    uint256 drawn;

    function draw() external payable {
        require(msg.value == 1 ether && drawn == 3);
        house.transfer(address(this).balance / 20);
        payable(msg.sender).transfer(address(this).balance);
    }
}
