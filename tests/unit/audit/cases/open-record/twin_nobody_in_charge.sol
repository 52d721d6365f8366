// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Board {
    mapping(uint256 => string) public notes;

    function write(uint256 at, string calldata note) external {
        notes[at] = note;
    }
}
