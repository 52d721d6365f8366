pragma solidity ^0.8.0;

import {Initializable} from "./Initializable.sol";

contract Vault is Initializable {
    address public owner;

    function initialize(address first) external initializer { // fault
        owner = first;
    }
}
