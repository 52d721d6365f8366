// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Names {
    mapping(bytes32 => mapping(string => string)) texts;
    mapping(bytes32 => address) holder;

    function setText(bytes32 node, string calldata key, string calldata value) external {
        require(holder[node] == msg.sender);
        texts[node][key] = value;
    }

    function text(bytes32 node, string calldata key) external view returns (string memory) {
        return texts[node][key];
    }
}
