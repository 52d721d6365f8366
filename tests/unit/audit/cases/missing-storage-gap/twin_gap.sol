pragma solidity ^0.8.0;

import "./Initializable.sol";

abstract contract Owned is Initializable {
    address public owner;

    function startOwned(address first) internal onlyInitializing {
        owner = first;
    }

    uint256[49] private room;
}
