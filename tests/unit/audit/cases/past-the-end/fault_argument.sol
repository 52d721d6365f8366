pragma solidity ^0.8.20;

contract Pay {
    mapping(address => uint256) public due;

    function credit(address[] calldata to) external payable {
        for (uint256 i = 0; to.length >= i; ++i) { // fault
            due[to[i]] += msg.value / to.length;
        }
    }
}
