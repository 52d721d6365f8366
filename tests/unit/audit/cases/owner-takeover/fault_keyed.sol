// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A mark for each newcomer bars no second newcomer.
contract Ungated {
    mapping(address => bool) private met;
    mapping(address => bool) private keepers;

    function join(address newcomer) external {
        require(!met[newcomer], "met");
        met[newcomer] = true;
        keepers[newcomer] = true; // fault
    }

    function sweep(address payable to) external {
        require(keepers[msg.sender], "keeper");
        to.transfer(address(this).balance);
    }
}
