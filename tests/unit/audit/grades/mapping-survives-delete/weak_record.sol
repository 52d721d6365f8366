pragma solidity ^0.8.20;
contract Members {
    struct Member { uint256 since; mapping(address => bool) friends; }
    mapping(address => Member) internal members;
    function leave() external {
        delete members[msg.sender]; // here
    }
}
