pragma solidity ^0.8.0;

contract Pointers {
    function twice(uint256 a) internal pure returns (uint256) {
        return a * 2;
    }

    function apply(function(uint256) internal pure returns (uint256) step) internal pure returns (uint256) {
        return step(2);
    }

    function run() external pure returns (uint256) {
        return apply(twice);
    }
}
