// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Purse {
    mapping(address => uint256) public held;
    bool private busy;

    modifier once() {
        require(!busy, "busy");
        busy = true;
        _;
        busy = false;
    }

    function put() external payable {
        held[msg.sender] += msg.value;
    }

    function take() external once {
        uint256 due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}(""); // fault
        require(ok, "refused");
        held[msg.sender] = 0;
    }

    function move(address to, uint256 amount) external {
        require(held[msg.sender] >= amount, "short");
        held[msg.sender] -= amount;
        held[to] += amount;
    }
}
