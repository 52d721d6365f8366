pragma solidity ^0.8.0;

import {UUPSUpgradeable} from "./UUPSUpgradeable.sol";
import {Ownable} from "./Ownable.sol";

contract Vault is UUPSUpgradeable, Ownable {
    function _authorizeUpgrade(address) internal override onlyOwner {}
}

contract Safe is UUPSUpgradeable, Ownable {
    function _authorizeUpgrade(address) internal view override {
        _checkOwner();
    }
}
