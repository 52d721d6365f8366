pragma solidity ^0.8.20;

interface IOwned {
    function owner() external view returns (address);
    function hasRole(bytes32 role, address who) external view returns (bool);
}

// Each collection is set up by its own owner, or by itself.
contract Policies {
    mapping(address => mapping(address => bool)) internal allowed;
    mapping(address => address) internal helper;

    function _check(address collection) internal view {
        if (msg.sender == collection) return;
        if (IOwned(collection).owner() == msg.sender) return;
        if (IOwned(collection).hasRole(0x0, msg.sender)) return;
        revert();
    }

    function allow(address collection, address who) external {
        _check(collection);
        allowed[collection][who] = true;
    }

    function act(address collection) external view returns (bool) {
        require(allowed[collection][msg.sender]);
        return true;
    }
}

// The first half of a pool's name is the pool.
contract Pools {
    mapping(bytes32 => mapping(address => address)) internal manager;

    function register(bytes32 pool, address token, address who) external {
        require(msg.sender == address(bytes20(pool)));
        manager[pool][token] = who;
    }

    function manage(bytes32 pool, address token) external view returns (bool) {
        require(manager[pool][token] == msg.sender);
        return true;
    }
}

// A message goes from sent to received, and only as it was sent.
contract Queue {
    mapping(address => mapping(uint256 => bytes32)) internal sent;

    function send(uint256 at, bytes calldata what) external {
        require(sent[msg.sender][at] == bytes32(0));
        sent[msg.sender][at] = keccak256(what);
    }

    function take(address from, uint256 at, bytes calldata what) external {
        require(sent[from][at] == keccak256(what));
        sent[from][at] = bytes32(uint256(1));
    }
}
