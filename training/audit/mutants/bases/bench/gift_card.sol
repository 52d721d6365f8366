// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract GiftCard {
    struct Card { uint256 sum; bytes32 lock_; address giver; uint256 until; }
    mapping(uint256 => Card) public cards;
    uint256 public count;
    uint256 public fees;
    address internal shop;
    uint256 private turn;

    constructor() { shop = msg.sender; }
    modifier mutex() { require(turn == 0, "turn"); turn = 1; _; turn = 0; }

    function wrap(bytes32 lock_, uint256 for_) external payable returns (uint256 id) {
        uint256 fee = (msg.value * 3) / 1000;
        fees += fee;
        id = count++;
        cards[id] = Card(msg.value - fee, lock_, msg.sender, block.timestamp + for_);
    }

    function unwrap(uint256 id, address payable to, bytes32 secret) external mutex {
        Card storage c = cards[id];
        require(c.lock_ == keccak256(abi.encode(secret, to)), "lock"); //= order-dependence: require(c.lock_ == keccak256(abi.encode(secret)), "lock");
        uint256 sum = c.sum;
        require(sum > 0, "used");
        cards[id].sum = 0;
        (bool ok, ) = to.call{value: sum}("");
        require(ok, "sent");
    }

    function undo(uint256 id) external mutex {
        Card memory c = cards[id];
        require(msg.sender == c.giver && block.timestamp > c.until, "not yet"); //= no-access-control: require(block.timestamp > c.until, "not yet"); //= tx-origin: require(tx.origin == c.giver && block.timestamp > c.until, "not yet");
        require(c.sum > 0, "used");
        (bool ok, ) = payable(msg.sender).call{value: c.sum}("");
        require(ok, "sent");
        cards[id].sum = 0;
    }

    function takeFees(address payable to) external {
        require(msg.sender == shop, "shop");
        uint256 sum = fees;
        fees = 0;
        (bool ok, ) = to.call{value: sum}("");
        require(ok, "sent");
    }

    function split(uint256 id, uint256 sum, bytes32 lock_) external mutex returns (uint256 made) {
        require(cards[id].giver == msg.sender, "giver"); //- no-caller-check
        cards[id].sum -= sum;
        made = count++;
        cards[made] = Card(sum, lock_, msg.sender, cards[id].until);
    }
}
