pragma solidity ^0.8.20;

interface IOwned {
    function owner() external view returns (address);
}

// The second key says who is let in; whoever calls can name himself.
contract Policies {
    mapping(address => mapping(address => bool)) internal allowed;

    function allow(address collection, address who) external {
        require(IOwned(who).owner() == msg.sender);
        allowed[collection][who] = true; // fault
    }

    function act(address collection) external view returns (bool) {
        require(allowed[collection][msg.sender]);
        return true;
    }
}

// That an entry is empty says nothing of who writes it.
contract Managers {
    mapping(bytes32 => address) internal manager;
    mapping(bytes32 => uint256) internal worth;

    function take(bytes32 pool, address who) external {
        require(worth[pool] == 0);
        manager[pool] = who; // fault
    }

    function manage(bytes32 pool) external {
        require(manager[pool] == msg.sender);
        worth[pool] = 1;
    }
}
