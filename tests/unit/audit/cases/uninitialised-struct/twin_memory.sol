pragma solidity ^0.4.19;

contract Wheel {
    uint256 private number = uint256(keccak256(now)) % 20;

    struct Turn {
        address who;
        uint256 bet;
    }

    Turn[] public turns;

    function turn(uint256 bet) public payable {
        Turn memory last;
        last.who = msg.sender;
        last.bet = bet;
        turns.push(last);
        Turn storage same = turns[0];
        same.bet = 1;
        if (bet == number) {
            msg.sender.transfer(this.balance);
        }
    }
}
