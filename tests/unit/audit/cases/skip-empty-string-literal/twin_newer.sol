pragma solidity ^0.4.12;

contract Bank {
    address chief = msg.sender;
    mapping(address => uint) held;

    function pay(string memo, address to, address from, uint wei_) {
        if (msg.sender != address(this)) throw;
        to.send(wei_);
    }

    function get() {
        uint due = held[msg.sender];
        held[msg.sender] = 0;
        this.pay("", msg.sender, chief, due);
    }
}
