pragma solidity ^0.4.24;

contract Sums {
    uint public last;

    modifier known(address who) {
        assert(who != address(0)); // fault
        _;
    }

    function set(address who, uint value) public known(who) {
        last = value + uint(who);
    }
}
