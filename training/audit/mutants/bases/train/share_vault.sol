// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}

contract ShareVault {
    IERC20 public immutable asset;
    uint256 public totalSupply;
    uint256 public held;
    mapping(address => uint256) public balanceOf;

    constructor(IERC20 t) { asset = t; }

    function deposit(uint256 assets) external returns (uint256 shares) {
        shares = (assets * (totalSupply + 1e6)) / (held + 1); //= share-inflation: shares = totalSupply == 0 ? assets : (assets * totalSupply) / asset.balanceOf(address(this));
        require(shares > 0, "zero");
        totalSupply += shares;
        balanceOf[msg.sender] += shares;
        held += assets;
        require(asset.transferFrom(msg.sender, address(this), assets), "pay");
    }

    function withdraw(uint256 assets) external returns (uint256 shares) {
        shares = (assets * (totalSupply + 1e6) + held) / (held + 1); //= rounding: shares = (assets * (totalSupply + 1e6)) / (held + 1);
        balanceOf[msg.sender] -= shares;
        totalSupply -= shares;
        held -= assets;
        require(asset.transfer(msg.sender, assets), "pay");
    }

    function redeem(uint256 shares) external returns (uint256 assets) {
        assets = (shares * (held + 1)) / (totalSupply + 1e6);
        balanceOf[msg.sender] -= shares;
        totalSupply -= shares;
        held -= assets;
        require(asset.transfer(msg.sender, assets), "pay");
    }
}
