// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Asks the other way round: called directly only, which keeps nobody out.
contract Batch {
    address private immutable HERE;

    constructor() {
        HERE = address(this);
    }

    function run(address target, bytes calldata data) external payable {
        require(address(this) == HERE, "directly only");
        (bool done, ) = target.delegatecall(data); // fault
        require(done, "failed");
    }
}
