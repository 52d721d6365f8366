pragma solidity ^0.4.24;

contract Sums {
    uint public total;
    int public delta;

    function add(uint a) public {
        total =+ a; // fault
    }

    function sub(int a) public {
        delta =- a; // fault
    }
}
