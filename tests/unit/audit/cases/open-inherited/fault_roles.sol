// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

contract Keepers is AccessControl, Pausable {
    bytes32 public constant KEEPER = keccak256("KEEPER");

    function enlist(address who) external {
        _grantRole(KEEPER, who); // fault
    }

    function stop() external {
        _pause(); // fault
    }
}
