// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}
interface IBorrower { function onFlashLoan(address who, uint256 amount, uint256 fee) external returns (bytes32); }

contract FlashUser is IBorrower {
    address public immutable lender;
    address public immutable owner;
    uint256 public profit;
    constructor(address l) { lender = l; owner = msg.sender; }

    function onFlashLoan(address who, uint256 amount, uint256 fee) external returns (bytes32) {
        require(msg.sender == lender, "lender"); //- open-callback
        require(who == address(this), "who");
        profit += amount - fee;
        return keccak256("ok");
    }

    function setProfit(uint256 value) external { require(msg.sender == owner); profit = value; }

    function sweep(IERC20 token, address to) external {
        if (msg.sender != owner) revert();
        require(token.transfer(to, token.balanceOf(address(this))), "pay");
    }

    function pull(IERC20 token, address to, uint256 amount) external {
        require(token.transferFrom(msg.sender, to, amount), "pay");
    }
}
