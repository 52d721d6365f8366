// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


interface IWho {
    function name() external returns (bytes32);
}

contract Airdrop {
    mapping(address => uint256) public balance;

    modifier first() {
        require(balance[msg.sender] == 0, "had some");
        _;
    }

    modifier supports() {
        require(keccak256("token") == IWho(msg.sender).name(), "no");
        _;
    }

    function get() external supports first {
        balance[msg.sender] += 20;
    }
}
