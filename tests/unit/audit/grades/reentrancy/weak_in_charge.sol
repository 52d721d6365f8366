// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPeer {
    function ping() external returns (uint256);
}

contract Kept {
    address internal owner;
    uint256 internal count;

    constructor() {
        owner = msg.sender;
    }

    function move(IPeer peer) external {
        require(msg.sender == owner);
        uint256 before = count;
        peer.ping(); // here
        count = before + 1;
    }
}
