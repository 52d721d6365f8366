// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A marker word that a program's first bytes share, and a node on the same machine.
contract Rig {
    string internal constant NODE = "http://127.0.0.1:8545";
    bytes32 internal constant MARK = 0xfeedfacecafebeeffeedfacecafebeeffeedfacecafebeeffeedfacecafebeef;
}
