pragma solidity ^0.8.0;

contract Pointers {
    function twice(uint256 a) internal pure returns (uint256) {
        return a * 2;
    }

    function run(uint256 a) external pure returns (uint256) {
        function(uint256) internal pure returns (uint256) step;
        step = twice;
        return step(a);
    }
}
