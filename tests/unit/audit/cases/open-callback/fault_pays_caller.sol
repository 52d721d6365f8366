pragma solidity ^0.8.19;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Trader {
    IToken private token;

    constructor(IToken made) {
        token = made;
    }

    function uniswapV3SwapCallback(int256 owed, int256, bytes calldata) external { // fault
        if (owed > 0) require(token.transfer(msg.sender, uint256(owed)));
    }
}
