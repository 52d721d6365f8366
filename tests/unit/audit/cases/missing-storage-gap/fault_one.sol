pragma solidity ^0.8.0;

abstract contract Initializable {
    modifier onlyInitializing() { _; }
}

abstract contract Owned is Initializable {
    address public owner; // fault

    function startOwned(address first) internal onlyInitializing {
        owner = first;
    }
}
