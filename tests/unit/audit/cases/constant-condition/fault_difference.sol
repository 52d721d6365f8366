pragma solidity ^0.6.0;

contract Purse {
    mapping(address => uint256) held;

    function take(uint256 amount) public {
        require(held[msg.sender] - amount >= 0); // fault
        held[msg.sender] -= amount;
    }
}
