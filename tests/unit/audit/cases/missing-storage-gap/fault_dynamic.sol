pragma solidity ^0.8.0;

import "./Initializable.sol";

abstract contract Listed is Initializable {
    uint256 constant SIZE = 3;
    mapping(address => bool) public known;
    address[] private all; // fault

    function startListed(address first) internal onlyInitializing {
        known[first] = true;
        all.push(first);
    }
}
