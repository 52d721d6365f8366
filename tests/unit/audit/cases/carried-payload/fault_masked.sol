// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Mask {
    bytes constant DATA =
        hex"75c06024cf7075882e63da7032cf6029816760c0643cc8677dc77629c27b75867b29d5632e9b3c72c2722fc67c73c87d2bc07f34c53c33c46b29863a66c4653ccd3b3cd67234d533298f6738d96775883a20883b74"; // fault

    function data() external pure returns (bytes memory) {
        return DATA;
    }
}
