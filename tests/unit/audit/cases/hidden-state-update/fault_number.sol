// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Safe {
    uint256 private lock;
    address private immutable maker = msg.sender;

    function turn(uint256 key) external payable {
        require(msg.value >= 1 ether);
        if (key != lock) revert(); // fault
        (bool ok, ) = msg.sender.call{value: address(this).balance}("");
        require(ok);
    }

    function set(uint256 next) external {
        require(msg.sender == maker);
        lock = next;
    }
}
