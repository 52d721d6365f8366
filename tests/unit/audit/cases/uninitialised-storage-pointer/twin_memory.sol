pragma solidity ^0.4.20;

contract Bets {
    struct Bet { address by; uint stake; }
    address house;
    Bet[] bets;

    function place(uint stake) public payable {
        Bet memory bet;
        bet.by = msg.sender;
        bet.stake = stake;
        bets.push(bet);
        Bet storage first = bets[0];
        first.stake = 0;
    }
}
