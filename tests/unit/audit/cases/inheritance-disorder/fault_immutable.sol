// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

abstract contract Held {
    address private immutable holder = msg.sender;

    modifier byHolder() {
        require(msg.sender == holder, "not the holder");
        _;
    }
}

contract Throne is Held {
    address public holder;
    uint256 public bid;

    function claim() external payable {
        require(msg.value > bid);
        (bid, holder) = (msg.value, msg.sender); // fault
    }

    function take() external byHolder {
        (bool ok, ) = msg.sender.call{value: address(this).balance}("");
        require(ok);
    }
}
