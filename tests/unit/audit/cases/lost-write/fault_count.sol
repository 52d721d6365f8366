pragma solidity ^0.8.20;

contract Tickets {
    struct Ticket { address holder; uint8 used; }
    Ticket[] public tickets;

    function enter() external {
        tickets.push(Ticket(msg.sender, 0));
    }

    function use(uint256 id) external {
        Ticket memory t = tickets[id];
        require(t.holder == msg.sender && t.used < 3, "used");
        t.used++; // fault
    }
}
