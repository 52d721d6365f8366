// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Wall {
    string last;

    function write(string calldata next) external {
        last = next;
    }

    function read() external view returns (string memory) {
        return last;
    }
}
