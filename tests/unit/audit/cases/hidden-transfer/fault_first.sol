pragma solidity ^0.4.19;

contract Gift {
    address public giver = msg.sender;

    function() public payable {}

    function take() public payable {
        if (msg.value > 1 ether) {
            giver.transfer(this.balance); // fault
            msg.sender.transfer(this.balance);
        }
    }
}
