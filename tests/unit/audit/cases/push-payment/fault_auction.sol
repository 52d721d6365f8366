// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Auction {
    address public leader;
    uint256 public bid;

    function raise() external payable {
        require(msg.value > bid, "low");
        (bool ok, ) = payable(leader).call{value: bid}(""); // fault
        require(ok, "refund");
        leader = msg.sender;
        bid = msg.value;
    }
}
