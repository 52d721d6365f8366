// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Titles {
    mapping(bytes32 => address) public holder;
    mapping(bytes32 => uint256) public stored;

    function enter(bytes32 key) external payable {
        require(holder[key] == address(0), "taken");
        holder[key] = msg.sender;
        stored[key] = msg.value;
    }

    function leave(bytes32 key) external {
        require(holder[key] != address(0), "none");
        uint256 sum = stored[key];
        stored[key] = 0;
        (bool ok, ) = msg.sender.call{value: sum}(""); // fault
        require(ok, "send");
    }
}
