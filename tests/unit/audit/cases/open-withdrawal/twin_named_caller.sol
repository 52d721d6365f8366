// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Behalf {
    mapping(address => uint256) public bal;
    function deposit() external payable { bal[msg.sender] += msg.value; }
    function withdrawFor(address owner, address payable to, uint256 v) external {
        require(msg.sender == owner, "owner");
        bal[owner] -= v;
        (bool ok, ) = to.call{value: v}("");
        require(ok, "eth");
    }
}
