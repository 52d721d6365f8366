// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPeer {
    function ping() external returns (uint256);
}

// Everybody can enter the list, so it keeps nobody out.
contract Joined {
    mapping(address => bool) internal member;
    uint256 internal count;

    function join() external {
        member[msg.sender] = true;
    }

    function move(IPeer peer) external {
        require(member[msg.sender]);
        uint256 before = count;
        peer.ping(); // here
        count = before + 1;
    }

    // One function is for the owner, the other for all: the graver counts.
    function _shared(IPeer peer) internal {
        uint256 before = count;
        peer.ping(); // here
        count = before + 2;
    }

    address internal owner = msg.sender;

    function first(IPeer peer) external {
        require(msg.sender == owner);
        _shared(peer);
    }

    function second(IPeer peer) external {
        _shared(peer);
    }
}
