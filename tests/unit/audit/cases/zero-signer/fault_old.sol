pragma solidity ^0.4.24;

contract Escrow {
    struct Deal { address seller; uint amount; }
    mapping(bytes32 => Deal) deals;

    function close(bytes32 id, uint8 v, bytes32 r, bytes32 s) public {
        Deal storage deal = deals[id];
        require(deal.seller == ecrecover(id, v, r, s)); // fault
        uint amount = deal.amount;
        deal.amount = 0;
        msg.sender.transfer(amount);
    }
}
