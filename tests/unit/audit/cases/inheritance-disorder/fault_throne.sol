pragma solidity ^0.4.19;

contract Held {
    address holder;

    function Held() public {
        holder = msg.sender;
    }

    modifier byHolder() {
        require(msg.sender == holder);
        _;
    }
}

contract Throne is Held {
    address public holder;
    uint public bid;

    function claim() public payable {
        require(msg.value > bid);
        bid = msg.value;
        holder = msg.sender; // fault
    }

    function take() public byHolder {
        msg.sender.transfer(this.balance);
    }
}
