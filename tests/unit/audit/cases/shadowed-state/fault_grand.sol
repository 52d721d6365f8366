pragma solidity ^0.5.0;

contract A {
    uint public fee = 1;
}

contract B is A {}

contract C is B {
    uint internal fee; // fault
}
