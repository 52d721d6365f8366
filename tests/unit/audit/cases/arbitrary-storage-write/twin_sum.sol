// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A number is added to a hash of itself: nobody can steer where that leads.
contract Shelves {
    function put(uint256 id, uint256 what) external {
        assembly {
            mstore(0x00, id)
            mstore(0x20, 0x5e1f)
            let slot := add(id, add(id, keccak256(0x00, 0x40)))
            sstore(slot, what)
            sstore(add(1, slot), timestamp())
        }
    }
}
