// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IMoonToken {
    function mint(address to, uint256 v) external;
    function burnAccount(address a) external;
    function balanceOf(address a) external view returns (uint256);
}
contract MoonVault {
    bool private entered;
    IMoonToken public immutable moon;
    constructor(IMoonToken m) { moon = m; }
    modifier noReentrant() { require(!entered, "no"); entered = true; _; entered = false; }
    function deposit() external payable noReentrant { moon.mint(msg.sender, msg.value); }
    function withdrawAll() external noReentrant {
        uint256 bal = moon.balanceOf(msg.sender);
        require(bal > 0, "Insufficient");
        (bool ok, ) = msg.sender.call{value: bal}("");  // fault
        require(ok, "Failed");
        moon.burnAccount(msg.sender);
    }
}
