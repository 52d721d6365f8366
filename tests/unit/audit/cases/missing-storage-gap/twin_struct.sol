pragma solidity ^0.8.0;

import "./Initializable.sol";

abstract contract Owned is Initializable {
    struct State { address owner; }

    bytes32 private constant PLACE = keccak256("owned.state");

    function state() private pure returns (State storage found) {
        bytes32 place = PLACE;
        assembly { found.slot := place }
    }

    function startOwned(address first) internal onlyInitializing {
        state().owner = first;
    }
}

abstract contract Plain {
    address public owner;
}
