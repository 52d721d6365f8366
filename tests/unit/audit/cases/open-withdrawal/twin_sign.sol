pragma solidity ^0.4.24;

contract Wallet {
    mapping(address => uint256) held;

    function put() public payable {
        held[msg.sender] += msg.value;
    }

    function take(uint256 amount) public {
        require(held[msg.sender] >= amount);
        msg.sender.transfer(amount);
        held[msg.sender] -= amount;
    }
}
