pragma solidity ^0.5.0;

contract Base {
    function check(uint amount) public { require(amount < 100); }
    function check(address who) public { require(who != address(0)); }
}

contract Special is Base {
    function check(uint amount) public { require(amount < 10); }
}

contract Token is Base, Special {}
