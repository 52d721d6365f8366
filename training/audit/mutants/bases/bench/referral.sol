// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract Referral {
    struct Player { address parent; uint256 paid; uint256 earned; }
    mapping(address => Player) public players;
    address internal house;
    uint256 internal pot;
    uint256 internal constant SHARE = 15;

    error Wrong();
    constructor() { house = msg.sender; }

    function play(address parent) external payable {
        if (msg.value < 0.001 ether || parent == msg.sender) revert Wrong();
        Player storage p = players[msg.sender];
        if (p.parent == address(0)) p.parent = parent;
        p.paid += msg.value;
        uint256 part = (msg.value * SHARE) / 100;
        players[p.parent].earned += part; //= push-payment: payable(p.parent).transfer(part); //= unchecked-call: payable(p.parent).send(part); //= unchecked-call: p.parent.call{value: part}("");
        pot += msg.value - part;
    }

    function cash(uint256 sum) external {
        if (players[msg.sender].earned < sum) revert Wrong();
        players[msg.sender].earned -= sum;
        (bool ok, ) = msg.sender.call{value: sum}("");
        if (!ok) revert Wrong();
    }

    function gift(address to, uint256 sum) external {
        players[msg.sender].earned -= sum;
        players[to].earned += sum;
    }

    function close(address payable to) external {
        if (msg.sender != house) revert Wrong();
        uint256 all = pot;
        pot = 0;
        (bool ok, ) = to.call{value: all}("");
        if (!ok) revert Wrong();
    }

    function batch(address[] calldata whom, uint256 each) external payable {
        if (whom.length > 40 || msg.value != each * whom.length) revert Wrong();
        for (uint256 i; i < whom.length; ++i) players[whom[i]].earned += each; //= value-in-loop: for (uint256 i; i < whom.length; ++i) players[whom[i]].earned += msg.value;
    }
    //= value-in-loop: function topAll(address[] calldata whom) external payable { for (uint256 i; i < whom.length && i < 40; ++i) players[whom[i]].earned += msg.value; }
    //= no-access-control: function setHouse(address next) external { house = next; }
}
