// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "@openzeppelin/contracts/token/ERC20/IERC20.sol";
contract TrusterPool {
    IERC20 public immutable token;
    constructor(IERC20 t) { token = t; }
    function flashLoan(uint256 amount, address borrower, address target, bytes calldata data) external returns (bool) {
        uint256 before = token.balanceOf(address(this));
        require(token.transfer(borrower, amount), "t");
        (bool ok, ) = target.call(data);  // fault
        require(ok, "call");
        require(token.balanceOf(address(this)) >= before, "RepayFailed");
        return true;
    }
}
