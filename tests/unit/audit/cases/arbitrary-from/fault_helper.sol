pragma solidity ^0.8.20;

import "./TransferHelper.sol";

contract Payer {
    address token;

    function pull(address from, uint256 amount) external {
        TransferHelper.safeTransferFrom(token, from, msg.sender, amount); // fault
    }
}
