// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Splitter {
    address[] public payees;
    mapping(address => uint256) public parts;
    mapping(address => uint256) public credit;
    uint256 public total;
    address public owner;

    constructor() { owner = msg.sender; }

    function add(address payee, uint256 part) external {
        require(msg.sender == owner, "owner");
        require(payees.length < 50, "many");
        payees.push(payee);
        parts[payee] = part;
        total += part;
    }
    //= unbounded-loop: function join() external { payees.push(msg.sender); parts[msg.sender] = 1; total += 1; }

    function split() external payable {
        for (uint256 i = 0; i < payees.length; i++) {
            credit[payees[i]] += (msg.value * parts[payees[i]]) / total; //= push-payment: payable(payees[i]).transfer((msg.value * parts[payees[i]]) / total); //= push-payment: (bool ok, ) = payees[i].call{value: (msg.value * parts[payees[i]]) / total}(""); require(ok, "pay");
        }
    }

    function take() external {
        uint256 due = credit[msg.sender];
        credit[msg.sender] = 0;
        bool ok = payable(msg.sender).send(due);
        require(ok, "send");
    }

    function many(address[] calldata who) external payable {
        require(who.length <= 100 && msg.value == who.length * 1 ether, "sum"); //= value-in-loop: require(who.length <= 100 && msg.value == 1 ether, "sum");
        for (uint256 i = 0; i < who.length; i++) credit[who[i]] += 1 ether; //= value-in-loop: for (uint256 i = 0; i < who.length; i++) credit[who[i]] += msg.value;
    }
}
