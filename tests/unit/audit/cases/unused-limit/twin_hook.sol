// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Pool {
    uint256 money;
    uint256 stock;
    mapping(address => uint256) shares;

    function onERC721Received(address, address, uint256 id, bytes calldata) external returns (bytes4) {
        shares[msg.sender] += 1;
        return this.onERC721Received.selector;
    }

    function leave(uint256 amount, uint256 least) external {
        uint256 gives = (money * amount) / stock;
        require(gives >= least, "too little");
        shares[msg.sender] -= amount;
        stock -= amount;
        money -= gives;
        payable(msg.sender).transfer(gives);
    }
}
