// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "./Path.sol";
import "./Callback.sol";

interface Coin { function transferFrom(address from, address to, uint256 amount) external returns (bool); }

/// A library that is not there reads bytes, and another one checks the caller.
contract Router {
    using Path for bytes;

    struct Data { bytes path; address payer; }

    address public immutable factory = msg.sender;

    function uniswapV3SwapCallback(int256 first, int256, bytes calldata raw) external {
        Data memory data = abi.decode(raw, (Data));
        (address one, address two, uint24 fee) = data.path.firstPool();
        Callback.verify(factory, one, two, fee);
        require(Coin(one).transferFrom(data.payer, msg.sender, uint256(first)), "moved");
    }
}
