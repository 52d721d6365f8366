// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

contract Keepers is AccessControl, Pausable {
    bytes32 public constant KEEPER = keccak256("KEEPER");

    constructor() {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
    }

    function enlist(address who) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _grantRole(KEEPER, who);
    }

    function stop() external {
        require(hasRole(KEEPER, msg.sender), "keeper");
        _pause();
    }
}
