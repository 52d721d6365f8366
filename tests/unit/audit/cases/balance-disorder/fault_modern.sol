// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Match {
    receive() external payable {}

    function outbid() external payable {
        uint256 pot = address(this).balance;
        require(pot <= msg.value, "too little"); // fault
        (bool ok, ) = msg.sender.call{value: pot}("");
        require(ok);
    }
}
