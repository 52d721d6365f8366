pragma solidity ^0.5.0;

contract A {
    uint public fee = 1;
}

contract B is A {
    uint public price;

    constructor(uint first) public {
        fee = first;
    }
}
