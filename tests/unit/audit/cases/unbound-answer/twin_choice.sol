// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Desk {
    mapping(uint256 => address) public buyer;
    mapping(uint256 => uint256) public refund;
    uint256 public price;
    address public last;

    constructor(uint256 given) {
        price = given;
    }

    function buy(uint256 id) external payable {
        require(msg.value == price && buyer[id] == address(0), "no");
        buyer[id] = msg.sender;
        last = msg.sender;
    }

    function giveBack(uint256 id) external {
        require(buyer[id] == msg.sender, "not yours");
        uint256 due = refund[id];
        refund[id] = 0;
        payable(msg.sender).transfer(due);
    }
}
