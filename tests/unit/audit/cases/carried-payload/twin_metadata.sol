// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Piece {
    address owner = msg.sender;
    string base = "https://example.org/pieces/";
    string about = "data:application/json;base64,eyJuYW1lIjoiUGllY2UiLCJpbWFnZSI6Imh0dHBzOi8vZXhhbXBsZS5vcmcvMS5wbmcifQ==";

    function setBaseURI(string calldata to) external {
        require(msg.sender == owner);
        base = to;
    }

    function tokenURI(uint256) external view returns (string memory) {
        return base;
    }

    function contractURI() external view returns (string memory) {
        return about;
    }
}
