pragma solidity ^0.4.24;

contract Owned {
    address private owner;
}

contract Purse is Owned {
    address owner;
}
