pragma solidity ^0.4.24;

contract Wallet {
    mapping(address => uint256) held;

    function put() public payable {
        held[msg.sender] += msg.value;
    }

    function take(uint256 amount) public {
        require(amount >= held[msg.sender]);
        msg.sender.transfer(amount); // fault
        held[msg.sender] -= amount;
    }
}
