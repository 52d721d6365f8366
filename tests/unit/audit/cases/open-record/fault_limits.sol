// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Lender {
    address public governor;
    mapping(address => uint256) internal limitOf;
    mapping(address => bool) public accepted;
    struct Terms { uint64 rate; uint64 grace; }
    Terms internal terms;

    constructor() {
        governor = msg.sender;
    }

    modifier onlyGovernor() {
        require(msg.sender == governor, "governor");
        _;
    }

    function setTerms(Terms calldata given) external onlyGovernor {
        terms = given;
    }

    function setLimit(address borrower, uint256 limit) external {
        limitOf[borrower] = limit; // fault
    }

    function accept(address token) external {
        _accept(token);
    }

    function _accept(address token) internal {
        require(token != address(0), "zero");
        accepted[token] = true; // fault
    }

    function limit(address borrower) external view returns (uint256) {
        return limitOf[borrower];
    }
}
