pragma solidity ^0.8.0;

interface Pool {
    function swap(uint256 amount) external returns (uint256);
}

contract Trader {
    Pool pool;

    function buy(uint256 amount) external returns (uint256) {
        return pool.swap(amount);
    }
}
