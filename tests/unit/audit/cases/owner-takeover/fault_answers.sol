// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// One of the answers is yes for everybody.
contract Kept {
    address public owner = msg.sender;
    uint256 public opened = block.timestamp;

    modifier kept() { require(isKept(msg.sender), "kept"); _; }

    function setOwner(address next) external kept {
        owner = next; // fault
    }

    function isKept(address who) internal view returns (bool) {
        if (who == address(this)) {
            return true;
        } else if (who == owner) {
            return true;
        } else if (opened > 1) {
            return true;
        } else {
            return false;
        }
    }
}
