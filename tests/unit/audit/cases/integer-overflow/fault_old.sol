pragma solidity ^0.4.24;

contract Sums {
    uint256 public count = 1;

    function local(uint256 given) public {
        uint256 result = count - given; // fault
    }

    function kept(uint256 given) public {
        count *= given; // fault
    }
}
