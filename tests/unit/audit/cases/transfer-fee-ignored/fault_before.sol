pragma solidity ^0.6.0;

import "./SafeERC20.sol";
import "./SafeMath.sol";

contract Farm {
    using SafeERC20 for IERC20;

    struct User { uint256 amount; uint256 debt; }

    mapping(uint256 => IERC20) tokens;
    mapping(address => User) users;

    function put(uint256 pool, uint256 amount) external {
        User storage user = users[msg.sender];
        user.amount = user.amount + amount;
        tokens[pool].safeTransferFrom(address(msg.sender), address(this), amount); // fault
    }
}
