pragma solidity 0.8.30;

contract A {}
