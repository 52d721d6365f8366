pragma solidity ^0.8.0;

import {CallbackValidation} from "./CallbackValidation.sol";

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Swapper {
    address immutable factory;

    constructor(address first) {
        factory = first;
    }

    function uniswapV3SwapCallback(int256 in0, int256, bytes calldata data) external {
        (address a, address b, uint24 fee) = abi.decode(data, (address, address, uint24));
        CallbackValidation.verifyCallback(factory, a, b, fee);
        Token(a).transfer(msg.sender, uint256(in0));
    }
}
