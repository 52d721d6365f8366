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
        t.used++;
        tickets[id] = t;
    }

    function shown(uint256 id) external view returns (Ticket memory) {
        Ticket memory t = tickets[id];
        t.used = 3 - t.used;
        return t;
    }

    function made() external view returns (uint8 used) {
        Ticket memory t = Ticket(msg.sender, 1);
        t.used = 2;
        used = t.used;
    }
}
