// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Runs only in the context of who lends it his own: called directly, it refuses.
contract Batch {
    address private immutable HERE;

    constructor() {
        HERE = address(this);
    }

    function run(address[] calldata targets, bytes[] calldata data) external payable {
        require(address(this) != HERE, "by delegatecall only");
        for (uint256 at = 0; at < targets.length; ++at) {
            (bool done, ) = targets[at].delegatecall(data[at]);
            require(done, "failed");
        }
    }
}
