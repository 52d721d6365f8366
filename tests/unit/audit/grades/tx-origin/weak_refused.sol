pragma solidity ^0.8.20;
contract Gate {
    uint256 internal count;
    address internal constant ESTIMATES = address(1);
    function run(bool ok) external {
        count++;
        if (!ok && tx.origin == ESTIMATES) revert("more gas"); // here
    }
    function hand(address to) external {
        if (to != tx.origin) count = 0; // here
    }
}
