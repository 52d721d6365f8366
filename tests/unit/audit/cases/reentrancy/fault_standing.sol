// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPeer {
    function ping() external returns (uint256);
}

// The mark is set only for some, and taken back for all.
contract Started {
    uint256 internal held;

    function start(IPeer peer, uint256 amount) external {
        uint256 has = held;
        peer.ping(); // fault
        held = has - amount;
    }
}

// The number is looked at again, but of another variable.
contract Numbered {
    uint256 internal next;
    uint256 internal limit;

    function issue(IPeer peer) external {
        uint256 first = next;
        uint256 most = limit;
        peer.ping(); // fault
        if (limit != most) revert();
        next = first + 1;
    }
}
