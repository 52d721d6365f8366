pragma solidity ^0.4.24;

contract A {
    function price() internal view returns (uint) { return now; }
}

contract B {
    function other() internal pure returns (uint) { return 2; }
}

contract C {
    function price() internal view returns (uint) { return block.number; } // fault
}

contract D is A, B, C {
    function show() public view returns (uint) { return price() + other(); }
}
