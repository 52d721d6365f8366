// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Entries under a hash of what they say, and under a number of their own.
contract Registry {
    struct Terms { uint256 share; address payee; }

    address public immutable chief = msg.sender;
    mapping(bytes32 => Terms) public terms;
    mapping(bytes32 => bool) public known;
    mapping(uint256 => address) public leads;
    uint256 public teams;
    bool public closed;

    function close() external { require(msg.sender == chief, "chief"); closed = true; }

    function agree(uint256 share, address payee) external returns (bytes32 name) {
        require(share <= 100, "share");
        name = keccak256(abi.encode(share, payee));
        terms[name] = Terms(share, payee);
    }

    function announce(string calldata kind) external { known[keccak256(bytes(kind))] = true; }

    function found(address lead) external returns (uint256 team) {
        team = teams++;
        leads[team] = lead;
    }
}
