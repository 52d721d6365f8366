pragma solidity ^0.8.20;

contract Refunds {
    mapping(uint256 => bool) public refunded;
    mapping(address => uint256) public credit;
    mapping(uint256 => uint256) public amountOf;

    function open(uint256 id) external payable {
        amountOf[id] += msg.value;
    }

    function refund(uint256 id, address to) external {
        refunded[id] = true; // fault
        credit[to] += amountOf[id];
    }
}
