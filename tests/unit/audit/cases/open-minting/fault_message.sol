// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract BridgeToken {
    mapping(address => uint256) public balanceOf; uint256 public totalSupply;
    address public immutable bridge;
    event Bridged(address to, uint256 v);
    constructor(address b) { bridge = b; }
    function sendBack(uint256 v) external { balanceOf[msg.sender] -= v; totalSupply -= v; emit Bridged(msg.sender, v); }
    function onMessage(bytes calldata m) external {
        (address to, uint256 v) = abi.decode(m, (address, uint256));
        balanceOf[to] += v;  // fault
        totalSupply += v;
        emit Bridged(to, v);
    }
}
