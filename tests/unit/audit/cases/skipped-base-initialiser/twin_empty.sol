pragma solidity ^0.8.0;

abstract contract Initializable {
    modifier initializer() { _; }
    modifier onlyInitializing() { _; }
}

abstract contract Contexts is Initializable {
    function startContexts() internal onlyInitializing {}
}

contract Vault is Contexts {
    uint256 public fee;

    function initialize(uint256 first) external initializer {
        fee = first;
    }
}

abstract contract Half is Contexts {
    function initialize() external initializer {}
}
