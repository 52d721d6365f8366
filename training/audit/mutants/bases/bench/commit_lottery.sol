// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

contract CommitLottery {
    struct Ticket { bytes32 seal; bool shown; }
    mapping(address => Ticket) internal tickets;
    address[] internal buyers;
    mapping(address => uint256) public prize;
    bytes32 internal mix;
    uint256 internal immutable sellUntil;
    uint256 internal immutable showUntil;
    bool internal drawn;
    uint256 internal constant PRICE = 0.05 ether;
    uint256 internal constant MAX = 200;

    constructor(uint256 sell, uint256 show) { sellUntil = block.timestamp + sell; showUntil = sellUntil + show; }

    function buy(bytes32 seal) external payable {
        require(block.timestamp < sellUntil && msg.value == PRICE, "sale");
        require(buyers.length < MAX && tickets[msg.sender].seal == 0, "full");
        tickets[msg.sender] = Ticket(seal, false);
        buyers.push(msg.sender);
    }

    function show(bytes32 secret) external {
        require(block.timestamp >= sellUntil && block.timestamp < showUntil, "phase");
        Ticket storage t = tickets[msg.sender];
        require(!t.shown && t.seal == keccak256(abi.encode(msg.sender, secret)), "seal");
        t.shown = true;
        mix = keccak256(abi.encode(mix, secret));
    }

    function draw() external {
        require(block.timestamp >= showUntil && !drawn, "phase");
        drawn = true;
        uint256 at = uint256(mix) % buyers.length; //= predictable-randomness: uint256 at = uint256(keccak256(abi.encode(block.timestamp, buyers.length))) % buyers.length; //= predictable-randomness: uint256 at = uint256(blockhash(block.number - 1)) % buyers.length; //= predictable-randomness: uint256 at = block.prevrandao % buyers.length;
        prize[buyers[at]] = address(this).balance;
    }
    //= predictable-randomness: function scratch() external payable { require(msg.value == PRICE); uint256 n = uint256(keccak256(abi.encodePacked(blockhash(block.number - 1), msg.sender))) % 10; if (n == 7) prize[msg.sender] += 9 * PRICE; }
    //= time-decision: function lastSecond() external payable { require(msg.value == PRICE); if (block.timestamp % 10 == 3) { prize[msg.sender] += address(this).balance; } }
    //= predictable-randomness: function spin() external payable { bytes32 h = keccak256(abi.encodePacked(block.coinbase, block.gaslimit, block.timestamp)); uint8 roll = uint8(h[0]) % 6; if (roll == 0) { (bool ok, ) = msg.sender.call{value: msg.value * 5}(""); require(ok); } }

    function claim() external {
        uint256 sum = prize[msg.sender];
        delete prize[msg.sender];
        (bool ok, ) = msg.sender.call{value: sum}("");
        require(ok, "claim");
    }
}
