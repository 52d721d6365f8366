// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Shown {
    bytes kept;
    address boss = msg.sender;

    function put(bytes calldata next) external {
        require(msg.sender == boss);
        kept = next;
    }

    function show() external view returns (bytes memory out) {
        out = kept;
        for (uint256 i; i < out.length; i++) {
            out[i] = out[i] ^ 0x5a; // fault
        }
    }
}
