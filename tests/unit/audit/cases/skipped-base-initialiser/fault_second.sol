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

abstract contract Named is Initializable {
    string public name;

    function startNamed(string memory first) internal onlyInitializing {
        name = first;
    }
}

contract Vault is Owned, Named {
    function initialize() external initializer { // fault
        startOwned(msg.sender);
    }
}
