pragma solidity ^0.4.10;

contract Fund {
    address boss = msg.sender;
    mapping(address => uint) shares;
    event Moved(uint amount, bytes32 note, address to, address by);

    function move(uint amount, bytes32 note, address to, address by) payable {
        if (msg.sender != address(this)) throw;
        if (to.call.value(amount)()) Moved(amount, note, to, by);
    }

    function join() payable {
        shares[msg.sender] += msg.value;
    }

    function leave(uint amount) {
        if (shares[msg.sender] < amount) throw;
        shares[msg.sender] -= amount;
        this.move(amount, "", msg.sender, boss); // fault
    }
}
