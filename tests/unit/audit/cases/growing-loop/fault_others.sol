// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Deposits {
    struct Dep { uint256 amount; uint256 time; }
    mapping(address => Dep[]) public deps;
    function depositFor(address u) external payable {
        deps[u].push(Dep(msg.value, block.timestamp));
    }
    function withdrawAll() external {
        Dep[] storage d = deps[msg.sender];
        uint256 sum;
        for (uint256 i; i < d.length; ++i) sum += d[i].amount;  // fault
        delete deps[msg.sender];
        payable(msg.sender).transfer(sum);
    }
}
