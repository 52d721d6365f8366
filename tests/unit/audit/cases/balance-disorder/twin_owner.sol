pragma solidity ^0.4.18;

contract Till {
    address keeper = msg.sender;
    uint256 price = 1 ether;

    function buy() public payable {
        require(msg.value >= price);
        if (msg.value > price) {
            msg.sender.transfer(msg.value - price);
        }
    }

    function close() public payable {
        require(msg.sender == keeper);
        if (this.balance >= msg.value) {
            keeper.transfer(this.balance);
        }
    }
}
