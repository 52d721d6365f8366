pragma solidity ^0.8.0;

import {Initializable} from "./Initializable.sol";

abstract contract Shut is Initializable {
    constructor() {
        _disableInitializers();
    }
}

abstract contract Open is Initializable {
    address public owner;

    function initialize(address first) external initializer {
        owner = first;
    }
}

contract Vault is Open, Shut {}
