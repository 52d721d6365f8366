pragma solidity ^0.4.19;

contract Wheel {
    uint256 unused;
    uint256 also;
    uint256 private number = uint256(keccak256(now)) % 20;

    struct Turn {
        address who;
        uint256 bet;
    }

    function turn(uint256 bet) public payable {
        Turn last;
        last.who = msg.sender;
        last.bet = bet;
        if (bet == number) {
            msg.sender.transfer(this.balance);
        }
    }
}
