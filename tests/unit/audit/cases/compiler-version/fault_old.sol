pragma solidity 0.5.17; // fault

library L {
    function f() internal pure returns (uint) { return 1; }
}
