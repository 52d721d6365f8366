// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Shop {
    address public owner = msg.sender;
    uint256 public price = 1 ether;
    mapping(address => uint256) public bought;

    function buy() external payable {
        require(msg.value == price, "price");
        bought[msg.sender] += 1;
    }

    function collect() external {
        require(msg.sender == owner, "owner");
        payable(owner).transfer(address(this).balance);
    }

    function setPrice(uint256 newPrice) external {
        require(msg.sender == owner, "owner");
        price = newPrice;
    }
}
