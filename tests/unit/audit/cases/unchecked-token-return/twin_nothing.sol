pragma solidity ^0.8.0;

import "./SafeERC20.sol";

interface IItem {
    function transferFrom(address from, address to, uint256 id) external;
}

contract Vault {
    using SafeERC20 for IERC20;

    IERC20 token;
    IItem item;

    function take(uint256 amount) external {
        token.safeTransfer(msg.sender, amount);
    }

    function put(uint256 id) external {
        item.transferFrom(msg.sender, address(this), id);
        payable(msg.sender).transfer(1);
    }
}
