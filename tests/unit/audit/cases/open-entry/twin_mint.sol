// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract NFTMini {
    mapping(uint256 => address) public ownerOf; mapping(uint256 => address) public getApproved; mapping(address => uint256) public balanceOf;
    function mint(uint256 id) external { require(ownerOf[id] == address(0)); ownerOf[id] = msg.sender; balanceOf[msg.sender]++; }
    function approve(address to, uint256 id) external { require(ownerOf[id] == msg.sender, "own"); getApproved[id] = to; }
    function transferFrom(address f, address t, uint256 id) external {
        require(ownerOf[id] == f, "from");
        require(msg.sender == f || getApproved[id] == msg.sender, "auth");
        balanceOf[f]--; balanceOf[t]++;
        ownerOf[id] = t;
        delete getApproved[id];
    }
}
