// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20; // fault

contract A {}

contract B {}
