pragma solidity 0.7.6;

import "./SafeERC20.sol";

contract Payer {
    using SafeERC20 for IERC20;

    mapping(address => bool) public known;

    function join() external {
        known[msg.sender] = true;
    }

    function pull(IERC20 token, address from, uint256 amount) external {
        token.safeTransferFrom(from, msg.sender, amount); // fault
    }

    function low(address token, address from, uint256 amount) external {
        (bool ok, ) = token.call( // fault
            abi.encodeWithSelector(IERC20(token).transferFrom.selector, from, msg.sender, amount)
        );
        require(ok);
    }
}
