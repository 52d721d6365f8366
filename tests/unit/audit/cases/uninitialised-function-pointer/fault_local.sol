pragma solidity ^0.8.0;

contract Pointers {
    function run(uint256 a) external returns (uint256) {
        function(uint256) internal returns (uint256) step;
        return step(a); // fault
    }
}
