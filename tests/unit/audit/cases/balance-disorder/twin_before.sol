// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Match {
    receive() external payable {}

    function outbid() external payable {
        uint256 before = address(this).balance - msg.value;
        require(msg.value >= before, "too little");
        payable(msg.sender).transfer(before + msg.value);
    }
}
