// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract LockVault {
    struct Lock { uint256 amount; uint256 unlock; }
    mapping(address => Lock) public locks;
    function depositFor(address user) external payable {
        locks[user].amount += msg.value;
        locks[user].unlock = block.timestamp + 7 days;  // fault
    }
    function withdraw() external {
        Lock memory l = locks[msg.sender];
        require(block.timestamp >= l.unlock, "locked");
        delete locks[msg.sender];
        payable(msg.sender).transfer(l.amount);
    }
}
