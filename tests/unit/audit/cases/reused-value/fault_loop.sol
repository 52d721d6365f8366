pragma solidity ^0.8.0;

contract Gifts {
    mapping(address => uint256) held;

    function give(address[] calldata to) external payable {
        for (uint256 i = 0; i < to.length; i++) {
            held[to[i]] += msg.value; // fault
        }
    }
}
