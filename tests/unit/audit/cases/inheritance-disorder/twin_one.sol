pragma solidity ^0.4.19;

contract Held {
    address holder;

    modifier byHolder() {
        require(msg.sender == holder);
        _;
    }
}

contract Throne is Held {
    uint public bid;

    function claim() public payable {
        require(msg.value > bid);
        bid = msg.value;
        holder = msg.sender;
    }

    function take() public byHolder {
        msg.sender.transfer(this.balance);
    }
}
