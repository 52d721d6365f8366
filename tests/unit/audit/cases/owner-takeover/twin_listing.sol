// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Market {
    struct Listing { address seller; uint256 price; }
    mapping(uint256 => Listing) public listings;
    mapping(address => uint256) public proceeds;
    function list(uint256 id, uint256 price) external { require(listings[id].seller == address(0)); listings[id] = Listing(msg.sender, price); }
    function cancel(uint256 id) external {
        require(listings[id].seller == msg.sender, "seller");
        delete listings[id];
    }
    function changePrice(uint256 id, uint256 p) external { require(listings[id].seller == msg.sender, "seller"); listings[id].price = p; }
    function buy(uint256 id) external payable { Listing memory l = listings[id]; require(msg.value == l.price && l.seller != address(0)); delete listings[id]; proceeds[l.seller] += msg.value; }
}
