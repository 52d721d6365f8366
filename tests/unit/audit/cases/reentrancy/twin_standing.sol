// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IPeer {
    function ping() external returns (uint256);
}

// The caller of the moment is kept while the call lasts, and what stood there before is put back.
contract Relay {
    address internal current;
    mapping(address => bool) internal listed;

    function relay(IPeer peer) external {
        require(peer.ping() > 0);
        address before = current;
        current = msg.sender;
        peer.ping();
        current = before;
    }
}

// The outermost call alone sets the mark and takes it back.
contract Started {
    bool internal done;
    bool internal starting;

    modifier once() {
        require(starting || !done);
        bool outermost = !starting;
        if (outermost) {
            starting = true;
            done = true;
        }
        _;
        if (outermost) {
            starting = false;
        }
    }

    function start(IPeer peer) external once {
        peer.ping();
    }
}

// Whoever comes back in and changes the number makes the whole call fail.
contract Numbered {
    uint256 internal next;

    function issue(IPeer peer, uint256 count) external {
        uint256 first = next;
        uint256 at = first;
        for (uint256 i = 0; i < count; i++) {
            peer.ping();
            at++;
        }
        if (next != first) revert();
        next = at;
    }
}

// What is done here is never kept.
contract Tried {
    mapping(address => uint256) internal held;

    function attempt(IPeer peer) external {
        uint256 has = held[msg.sender];
        peer.ping();
        held[msg.sender] = has + 1;
        revert("only tried");
    }
}

// A function that may only look makes static calls.
contract Looking {
    mapping(address => uint256) internal held;

    function worth(Unseen peer) internal view returns (uint256) {
        return held[msg.sender] * peer.rate(held[msg.sender]);
    }

    function add(Unseen peer) external {
        held[msg.sender] = worth(peer);
    }
}
