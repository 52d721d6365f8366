// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Parts {
    address boss = msg.sender;
    mapping(uint256 => bytes) parts; // fault

    function put(uint256 at, bytes calldata next) external {
        require(msg.sender == boss);
        parts[at] = next;
    }

    function get(uint256 at) external view returns (bytes memory) {
        return parts[at];
    }
}
