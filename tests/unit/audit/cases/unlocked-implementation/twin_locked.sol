pragma solidity ^0.8.0;

import {Initializable} from "./Initializable.sol";

contract Vault is Initializable {
    address public owner;

    constructor() {
        _disableInitializers();
    }

    function initialize(address first) external initializer {
        owner = first;
    }
}

contract Purse is Initializable {
    address public owner;

    constructor() initializer {}

    function initialize(address first) external initializer {
        owner = first;
    }
}
