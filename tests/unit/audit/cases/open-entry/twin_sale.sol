// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 v) external returns (bool);
    function transferFrom(address from, address to, uint256 v) external returns (bool);
}

contract Sale {
    struct Offer {
        address maker;
        uint256 amount;
        uint256 price;
    }

    IERC20 public immutable goods;
    IERC20 public immutable cash;
    mapping(uint256 => Offer) public offers;
    uint256 internal count;

    constructor(IERC20 g, IERC20 c) {
        goods = g;
        cash = c;
    }

    function offer(uint256 amount, uint256 price) external {
        offers[count++] = Offer(msg.sender, amount, price);
        require(goods.transferFrom(msg.sender, address(this), amount), "in");
    }

    function take(uint256 id) external {
        Offer memory o = offers[id];
        delete offers[id];
        require(cash.transferFrom(msg.sender, o.maker, o.price), "cash");
        require(goods.transfer(msg.sender, o.amount), "goods");
    }
}
