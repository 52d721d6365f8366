pragma solidity ^0.8.0;

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Swapper {
    address immutable pool;
    address immutable lender;
    address immutable token;

    constructor(address a, address b, address c) {
        (pool, lender, token) = (a, b, c);
    }

    function uniswapV3SwapCallback(int256 in0, int256, bytes calldata) external {
        if (msg.sender != pool) revert();
        Token(token).transfer(msg.sender, uint256(in0));
    }

    function onFlashLoan(address by, address lent, uint256 amount, uint256 fee, bytes calldata)
        external
        returns (bytes32)
    {
        require(msg.sender == lender && by == address(this));
        Token(lent).approve(lender, amount + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}
