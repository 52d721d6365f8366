// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Table {
    bytes constant SINE = hex"000306090c0f1215181b1e2124272a2d303336393c3f4245484b4e5154575a5d";
    bytes32 constant KIND = keccak256("Order(address maker,uint256 amount)");

    function sine(uint8 at) external pure returns (uint8) {
        return uint8(SINE[at % 32]);
    }

    function about() external pure returns (string memory) {
        return "v=spf1 include:_spf.example.com ip4:192.0.2.7 ~all";
    }
}
