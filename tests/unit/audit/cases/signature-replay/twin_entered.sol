// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A key that proves itself is entered once.
contract Keys {
    struct Entry { address owner; uint256 tokens; uint256 at; }

    mapping(address => Entry) public entries;
    mapping(address => uint256) public free;

    function fund(uint256 tokens) external { free[msg.sender] += tokens; }

    function enter(address owner, address key, uint256 tokens, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(owner, key));
        require(ecrecover(digest, v, r, s) == key && key != address(0), "proof");
        require(entries[key].at == 0, "known");
        entries[key] = Entry(owner, tokens, block.number);
        free[owner] -= tokens;
    }
}
