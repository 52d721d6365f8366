// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Pool {
    uint256 public shares;
    uint256 public reserve;
    mapping(address => uint256) public shareOf;
    uint256 private state = 1;

    modifier guarded() {
        require(state == 1, "entered");
        state = 2;
        _;
        state = 1;
    }

    function leave(uint256 count) external guarded {
        uint256 due = (reserve * count) / shares;
        shareOf[msg.sender] -= count;
        shares -= count;
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        reserve -= due;
    }

    function price() external view returns (uint256) {
        require(state == 1, "entered");
        return (reserve * 1e18) / shares;
    }
}
