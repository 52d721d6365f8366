// SPDX-License-Identifier: MIT
pragma solidity ^0.6.12;

import "./Errors.sol";

/// A library that is not there refuses whoever did not make the contract.
contract Short {
    address internal immutable maker;

    constructor() public { maker = msg.sender; }

    function end() external {
        if (msg.sender != maker) {
            Errors.notMaker(msg.sender, maker).raise();
        }
        selfdestruct(msg.sender);
    }
}
