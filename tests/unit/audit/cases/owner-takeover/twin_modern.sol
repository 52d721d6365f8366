// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Fund {
    struct Config { address admin; uint256 fee; }
    Config public config;
    mapping(address => uint256) public wards;
    address public owner;
    address public next;
    bool private ready;

    constructor() {
        wards[msg.sender] = 1;
    }

    modifier auth() {
        require(wards[msg.sender] == 1, "auth");
        _;
    }

    function initialize(address first) external {
        require(!ready, "ready");
        ready = true;
        owner = first;
        config.admin = first;
    }

    function rely(address who) external auth {
        wards[who] = 1;
    }

    function leave() external {
        wards[msg.sender] = 0;
    }

    function setAdmin(address given) external {
        if (msg.sender != config.admin) {
            if (msg.sender != owner) revert();
        }
        config.admin = given;
    }

    function offer(address given) external {
        require(msg.sender == owner);
        next = given;
    }

    function accept() external {
        require(msg.sender == next);
        owner = msg.sender;
    }
}
