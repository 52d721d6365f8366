// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Drop is ERC721 {
    uint256 public next;
    mapping(address => uint256) public minted;

    function mint() external {
        require(minted[msg.sender] < 2, "limit");
        minted[msg.sender] += 1;
        next++;
        _safeMint(msg.sender, next);
    }
}
