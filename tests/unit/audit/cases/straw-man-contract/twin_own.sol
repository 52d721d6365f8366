pragma solidity ^0.4.19;

contract Savings {
    mapping(address => uint) public saved;
    Journal journal;

    function Savings() public {
        journal = new Journal();
    }

    function put() public payable {
        saved[msg.sender] += msg.value;
    }

    function get(uint amount) public {
        if (amount <= saved[msg.sender]) {
            if (msg.sender.call.value(amount)()) {
                saved[msg.sender] -= amount;
                journal.note(msg.sender, amount);
            }
        }
    }
}

contract Journal {
    uint[] amounts;

    function note(address, uint amount) public {
        amounts.push(amount);
    }
}
