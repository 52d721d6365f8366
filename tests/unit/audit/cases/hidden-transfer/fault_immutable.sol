// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Gift {
    address payable immutable giver = payable(msg.sender);

    receive() external payable {}

    function take() external payable {
        require(msg.value > 1 ether);
        (bool kept, ) = giver.call{value: address(this).balance}(""); // fault
        (bool ok, ) = msg.sender.call{value: address(this).balance}("");
        require(kept && ok);
    }
}
