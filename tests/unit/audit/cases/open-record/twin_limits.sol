// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Lender {
    address public governor;
    mapping(address => uint256) public limitOf;
    mapping(address => string) public nameOf;
    mapping(bytes32 => address) public records;
    uint256 public last;

    constructor() {
        governor = msg.sender;
    }

    function setLimit(address borrower, uint256 limit) external {
        require(msg.sender == governor, "governor");
        limitOf[borrower] = limit;
    }

    function setName(string calldata name) external {
        nameOf[msg.sender] = name;
    }

    function register(bytes32 key, address target) external {
        require(records[key] == address(0), "taken");
        records[key] = target;
    }

    function poke() external {
        last = block.timestamp;
    }
}
