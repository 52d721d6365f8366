pragma solidity ^0.8.0;

import {UUPSUpgradeable} from "./UUPSUpgradeable.sol";

contract Vault is UUPSUpgradeable {
    uint256 public total;

    function _authorizeUpgrade(address next) internal override { // fault
        require(next != address(0));
    }
}
