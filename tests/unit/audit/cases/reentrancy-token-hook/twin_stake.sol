// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


interface IERC721 {
    function safeTransferFrom(address from, address to, uint256 id) external;
}

contract Stake {
    IERC721 public immutable token;
    mapping(uint256 => address) public staker;
    mapping(address => uint256) public count;
    uint256 public paid;

    constructor(IERC721 token_) {
        token = token_;
    }

    function leave(uint256 id) external {
        require(staker[id] == msg.sender, "not yours");
        uint256 reward = 1 ether / count[msg.sender];
        delete staker[id];
        count[msg.sender] -= 1;
        paid += reward;
        token.safeTransferFrom(address(this), msg.sender, id);
    }
}
