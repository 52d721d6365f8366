pragma solidity ^0.8.19;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Trader {
    IToken private immutable token;
    address private immutable pool;

    constructor(IToken made, address of) {
        token = made;
        pool = of;
    }

    function uniswapV3SwapCallback(int256 owed, int256, bytes calldata) external {
        require(msg.sender == pool);
        if (owed > 0) require(token.transfer(msg.sender, uint256(owed)));
    }
}
