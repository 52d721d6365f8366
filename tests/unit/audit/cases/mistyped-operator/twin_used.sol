pragma solidity ^0.8.0;

contract Flags {
    uint256 public count;

    function same(uint256 a) external view returns (bool found) {
        found = count == a;
        require(count != a || found);
        a == count ? a : count;
    }
}
