pragma solidity 0.5.7;

contract Pointers {
    uint public last;

    constructor() public {
        function(uint) internal returns (uint) step;
        last = 1;
        step(last); // fault
    }
}
