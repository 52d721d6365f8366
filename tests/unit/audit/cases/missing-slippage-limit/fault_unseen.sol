pragma solidity ^0.8.20;

import "@uniswap/v3-periphery/contracts/interfaces/ISwapRouter.sol";

contract Trader {
    ISwapRouter router;

    function sell(address from, address to, uint256 amount, uint256 until) external {
        ISwapRouter.ExactInputSingleParams memory params = ISwapRouter.ExactInputSingleParams({
            tokenIn: from,
            tokenOut: to,
            fee: 3000,
            recipient: msg.sender,
            deadline: until,
            amountIn: amount,
            amountOutMinimum: 0,
            sqrtPriceLimitX96: 0
        });
        router.exactInputSingle(params); // fault
    }
}
