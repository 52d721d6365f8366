pragma abicoder v2;
pragma solidity =0.8.30;

contract A {}
