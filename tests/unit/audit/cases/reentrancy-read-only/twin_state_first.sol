// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Pool {
    uint256 public shares;
    uint256 public reserve;
    mapping(address => uint256) public shareOf;

    function leave(uint256 count) external {
        uint256 due = (reserve * count) / shares;
        shareOf[msg.sender] -= count;
        shares -= count;
        reserve -= due;
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
    }

    function price() external view returns (uint256) {
        return (reserve * 1e18) / shares;
    }
}
