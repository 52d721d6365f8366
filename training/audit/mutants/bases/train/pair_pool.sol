// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

contract PairPool {
    IERC20 public immutable a;
    IERC20 public immutable b;
    uint256 public reserveA;
    uint256 public reserveB;
    uint256 public supply;
    mapping(address => uint256) public share;
    uint256 private unlocked = 1;

    constructor(IERC20 x, IERC20 y) { a = x; b = y; }

    modifier lock() { require(unlocked == 1, "locked"); unlocked = 0; _; unlocked = 1; }

    function add(uint256 inA, uint256 inB, uint256 minShares) external lock returns (uint256 minted) {
        minted = supply == 0 ? inA + inB : (inA * supply) / reserveA;
        require(minted >= minShares, "slippage");
        require(minted > 0 && inB * reserveA >= inA * reserveB, "ratio");
        supply += minted;
        share[msg.sender] += minted;
        reserveA += inA;
        reserveB += inB;
        require(a.transferFrom(msg.sender, address(this), inA), "a");
        require(b.transferFrom(msg.sender, address(this), inB), "b");
    }

    function swap(uint256 inA, uint256 minOut, uint256 deadline) external lock returns (uint256 out) {
        require(block.timestamp <= deadline, "late");
        out = (inA * 997 * reserveB) / (reserveA * 1000 + inA * 997);
        require(out >= minOut, "slippage"); //- no-slippage
        reserveA += inA;
        reserveB -= out;
        require(a.transferFrom(msg.sender, address(this), inA), "a");
        require(b.transfer(msg.sender, out), "b");
    }

    function remove(uint256 shares) external lock returns (uint256 outA, uint256 outB) {
        outA = (shares * reserveA) / supply;
        outB = (shares * reserveB) / supply;
        share[msg.sender] -= shares;
        supply -= shares;
        reserveA -= outA;
        reserveB -= outB;
        require(a.transfer(msg.sender, outA), "a");
        require(b.transfer(msg.sender, outB), "b");
    }
}
