// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Basket { function keeper() external view returns (address); }

/// A list belongs to whom its key names, whose keeper makes it longer.
contract Sources {
    mapping(Basket => address[]) internal sources;
    mapping(address => uint256) public uses;

    function add(Basket basket, address source) external {
        require(basket.keeper() == msg.sender, "keeper");
        sources[basket].push(source);
    }

    function leave() external {
        address[] storage mine = sources[Basket(msg.sender)];
        for (uint256 i = 0; i < mine.length; ++i) uses[mine[i]] -= 1;
        delete sources[Basket(msg.sender)];
    }
}
