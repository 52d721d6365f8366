// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Fund {
    struct Config { address admin; uint256 fee; }
    Config public config;
    mapping(address => uint256) public wards;
    address public owner;

    modifier auth() {
        require(wards[msg.sender] == 1, "auth");
        _;
    }

    function initialize(address first) external {
        owner = first; // fault
    }

    function rely(address who) external {
        wards[who] = 1; // fault
    }

    function setAdmin(address given) external {
        require(given != config.admin, "same");
        config.admin = given; // fault
    }

    function setFee(uint256 fee) external {
        require(msg.sender == config.admin, "admin");
        config.fee = fee;
    }

    function pull() external auth {
        require(msg.sender == owner);
        payable(owner).transfer(address(this).balance);
    }
}
