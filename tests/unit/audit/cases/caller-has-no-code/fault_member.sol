pragma solidity ^0.8.0;

contract Mint {
    mapping(address => uint256) held;

    function mint() external {
        require(msg.sender.code.length == 0, "no contracts"); // fault
        held[msg.sender] += 1;
    }
}
