pragma solidity ^0.8.0;

contract Piggy {
    mapping(address => uint256) public held;

    function put() external payable { // fault
        held[msg.sender] += msg.value;
    }

    function forget() external {
        held[msg.sender] = 0;
    }
}
