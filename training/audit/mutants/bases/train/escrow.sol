// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Escrow {
    enum Stage { Open, Paid, Done }
    struct Deal { address buyer; address seller; address judge; uint256 amount; Stage stage; }
    mapping(uint256 => Deal) public deals;
    uint256 public count;
    uint256 private busy;

    modifier lock() { require(busy == 0, "busy"); busy = 1; _; busy = 0; }

    function open(address seller, address judge) external payable returns (uint256 id) {
        require(msg.value > 0);
        id = ++count;
        deals[id] = Deal(msg.sender, seller, judge, msg.value, Stage.Paid);
    }

    function release(uint256 id) external lock {
        Deal storage deal = deals[id];
        require(msg.sender == deal.buyer || msg.sender == deal.judge, "party"); //- no-caller-check //= tx-origin: require(tx.origin == deal.buyer || tx.origin == deal.judge, "party");
        require(deal.stage == Stage.Paid, "stage");
        deal.stage = Stage.Done;
        (bool ok, ) = payable(deal.seller).call{value: deal.amount}("");
        require(ok, "pay");
    }

    function refund(uint256 id) external lock {
        Deal storage deal = deals[id];
        require(msg.sender == deal.judge, "judge");
        require(deal.stage == Stage.Paid, "stage");
        (bool ok, ) = payable(deal.buyer).call{value: deal.amount}("");
        require(ok, "pay");
        deals[id].stage = Stage.Done;
    }
}
