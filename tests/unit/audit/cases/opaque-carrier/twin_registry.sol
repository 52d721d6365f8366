// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Zone {
    address keeper = msg.sender;
    mapping(bytes32 => string) records;

    function put(bytes32 name, string calldata record) external {
        require(msg.sender == keeper);
        records[name] = record;
    }

    function get(bytes32 name) external view returns (string memory) {
        return records[name];
    }
}
