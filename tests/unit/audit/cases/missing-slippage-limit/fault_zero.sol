pragma solidity ^0.8.0;

interface IRouter {
    function getAmountsOut(uint256, address[] calldata) external view returns (uint256[] memory);
    function swapExactTokensForTokens(
        uint256 amount, uint256 least, address[] calldata path, address to, uint256 deadline
    ) external returns (uint256[] memory);
    function swapTokensForExactTokens(
        uint256 amount, uint256 most, address[] calldata path, address to, uint256 deadline
    ) external returns (uint256[] memory);
}

interface ISwap {
    struct Single {
        address from; address to; uint24 fee; address receiver; uint256 deadline;
        uint256 amount; uint256 least; uint160 limit;
    }
    function exactInputSingle(Single calldata given) external payable returns (uint256);
}

contract Trader {
    IRouter router;
    ISwap pool;
    address[] path;

    function sell(uint256 amount, uint256 until) external {
        router.swapExactTokensForTokens(amount, 0, path, msg.sender, until); // fault
    }

    function buy(uint256 amount, uint256 until) external {
        uint256 most = type(uint256).max;
        router.swapTokensForExactTokens(amount, most, path, msg.sender, until); // fault
    }

    function single(uint256 amount, uint256 until) external {
        pool.exactInputSingle( // fault
            ISwap.Single(path[0], path[1], 3000, msg.sender, until, amount, 0, 0)
        );
    }
}
