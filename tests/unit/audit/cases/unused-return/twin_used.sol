pragma solidity ^0.8.0;

interface Pool {
    function swap(uint256 amount) external returns (uint256);
    function sync() external;
    function quote(uint256 amount) external view returns (uint256);
}

contract Trader {
    Pool pool;
    uint256 public bought;

    function buy(uint256 amount, uint256 least) external {
        uint256 got = pool.swap(amount);
        require(got >= least);
        bought += got;
        pool.sync();
        pool.quote(amount);
    }
}
