pragma solidity ^0.8.0;

abstract contract Initializable {
    modifier initializer() { _; }
    modifier onlyInitializing() { _; }
}

abstract contract Owned is Initializable {
    address public owner;

    function startOwned(address first) internal onlyInitializing {
        owner = first;
    }
}

contract Vault is Owned {
    uint256 public fee;

    function initialize(uint256 first) external initializer { // fault
        fee = first;
    }
}
