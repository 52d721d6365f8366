// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 { function transferFrom(address f, address t, uint256 v) external returns (bool); function transfer(address t, uint256 v) external returns (bool); function balanceOf(address a) external view returns (uint256); }
contract Aggregator {
    address public owner;
    mapping(address => bool) public allowedTarget;
    constructor() { owner = msg.sender; }
    function allow(address t, bool b) external { require(msg.sender == owner); allowedTarget[t] = b; }
    function swap(address tokenIn, address tokenOut, uint256 amountIn, address target, bytes calldata data) external {
        require(IERC20(tokenIn).transferFrom(msg.sender, address(this), amountIn), "in");
        (bool ok, ) = target.call(data);  // fault
        require(ok, "swap");
        require(IERC20(tokenOut).transfer(msg.sender, IERC20(tokenOut).balanceOf(address(this))), "out");
    }
}
