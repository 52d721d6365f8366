pragma solidity ^0.4.20;

contract Bets {
    struct Bet { address by; uint stake; }
    address house;
    uint secret;
    Bet[] bets;

    function place(uint stake) public payable {
        Bet bet; // fault
        bet.by = msg.sender;
        bet.stake = stake;
        bets.push(bet);
    }
}
