pragma solidity ^0.4.10;

contract Bank {
    mapping(address => uint) held;

    function pay(address to, uint wei_, string memo) {
        if (msg.sender != address(this)) throw;
        to.send(wei_);
    }

    function get() {
        uint due = held[msg.sender];
        held[msg.sender] = 0;
        this.pay(msg.sender, due, "");
    }

    function thank() {
        this.pay(msg.sender, 1, "thanks");
    }
}
