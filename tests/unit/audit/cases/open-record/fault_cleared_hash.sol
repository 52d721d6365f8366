// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// What stands under a hash is cleared, or says more than the hash.
contract Cleared {
    address public immutable chief = msg.sender;
    mapping(bytes32 => bool) public known;
    mapping(bytes32 => uint256) public price;
    bool public closed;

    function close() external { require(msg.sender == chief, "chief"); closed = true; }

    function forget(string calldata kind) external {
        delete known[keccak256(bytes(kind))]; // fault
    }

    function quote(string calldata kind, uint256 amount) external {
        price[keccak256(bytes(kind))] = amount; // fault
    }
}
