// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Savings {
    mapping(address => uint256) public saved;
    Journal immutable journal;

    constructor(Journal where) {
        journal = where;
    }

    receive() external payable {
        saved[msg.sender] += msg.value;
    }

    function get(uint256 amount) external {
        require(saved[msg.sender] >= amount);
        (bool ok, ) = msg.sender.call{value: amount}("");
        require(ok);
        unchecked {
            saved[msg.sender] -= amount;
        }
        journal.note(msg.sender, amount); // fault
    }
}

contract Journal {
    mapping(address => uint256) public sum;

    function note(address who, uint256 amount) external {
        sum[who] += amount;
    }
}
