// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Vault {
    uint256 public supply;
    mapping(address => uint256) public shareOf;
    uint256 private lock;

    function redeem(uint256 count) external {
        require(lock == 0);
        lock = 1;
        uint256 due = (address(this).balance * count) / supply;
        shareOf[msg.sender] -= count;
        payable(msg.sender).call{value: due}(""); // fault
        supply -= count;
        lock = 0;
    }

    function rate() public view returns (uint256) {
        return (address(this).balance * 1e18) / supply;
    }
}
