pragma solidity ^0.4.19;

contract Wheel {
    uint256 private number = uint256(keccak256(now)) % 20;
    uint256 public turned;

    struct Turn {
        address who;
        uint256 bet;
    }

    Turn[] public turns;

    function turn(uint256 bet) public payable {
        require(msg.value >= 0.1 ether && bet < 20);
        Turn last; // fault
        last.who = msg.sender;
        last.bet = bet;
        turns.push(last);
        if (bet == number) {
            msg.sender.transfer(this.balance);
        }
        turned = now;
    }
}
