// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

abstract contract Kept {
    address private keeper1 = msg.sender;

    function _isKeeper() internal view returns (bool) {
        return msg.sender == keeper1;
    }
}

contract Chest is Kept {
    address public keeperl;

    function start() external payable {
        keeperl = msg.sender; // fault
    }

    function open(uint256 amount) external {
        if (_isKeeper()) payable(msg.sender).transfer(amount);
    }
}
