pragma solidity ^0.4.20;

contract Bets {
    struct Bet { address by; uint stake; }
    Bet[] bets;

    function change(uint at, uint stake) public {
        Bet bet;
        bet = bets[at];
        bet.stake = stake;
    }
}
