pragma solidity ^0.8.0;

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Swapper {
    function uniswapV3SwapCallback(int256 in0, int256 in1, bytes calldata data) external { // fault
        (address token, address payer) = abi.decode(data, (address, address));
        uint256 owed = uint256(in0 > 0 ? in0 : in1);
        require(owed > 0);
        Token(token).transferFrom(payer, msg.sender, owed);
    }
}
