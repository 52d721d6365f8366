// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface ISource { function request() external returns (uint256 id); }

contract CoinFlipHouse {
    struct Bet { address who; uint96 stake; bool heads; }
    ISource internal immutable source;
    address internal house;
    mapping(uint256 => Bet) internal bets;
    mapping(address => uint256) public winnings;
    address[] internal regulars;
    uint256 internal hold = 1;

    error Refused();
    modifier exclusive() { if (hold == 2) revert Refused(); hold = 2; _; hold = 1; }
    constructor(ISource s) payable { source = s; house = msg.sender; }

    function flip(bool heads) external payable {
        if (msg.value == 0 || msg.value > 1 ether) revert Refused();
        bets[source.request()] = Bet(msg.sender, uint96(msg.value), heads);
    }

    function answer(uint256 id, uint256 word) external {
        if (msg.sender != address(source)) revert Refused(); //- open-callback
        Bet memory b = bets[id];
        delete bets[id];
        bool heads = word % 2 == 0; //= predictable-randomness: bool heads = uint256(keccak256(abi.encodePacked(block.prevrandao, block.timestamp, b.who))) % 2 == 0; //= predictable-randomness: bool heads = uint256(blockhash(block.number - 1)) % 2 == 0;
        if (heads == b.heads) winnings[b.who] += uint256(b.stake) * 2;
    }
    //= predictable-randomness: function quick(bool heads) external payable { if ((uint256(keccak256(abi.encode(block.timestamp, msg.sender))) % 2 == 0) == heads) winnings[msg.sender] += msg.value * 2; }
    //= time-decision: function evenSecond() external payable { if (block.timestamp % 2 == 0) winnings[msg.sender] += msg.value * 2; }

    function collect() external exclusive {
        uint256 sum = winnings[msg.sender];
        winnings[msg.sender] = 0;
        (bool ok, ) = msg.sender.call{value: sum}("");
        if (!ok) revert Refused();
    }

    function addRegular(address who) external {
        if (msg.sender != house) revert Refused();
        if (regulars.length > 30) revert Refused();
        regulars.push(who);
    }
    //= unbounded-loop: function becomeRegular() external { regulars.push(msg.sender); }

    function treat() external payable {
        for (uint256 i = 0; i < regulars.length; ++i) {
            winnings[regulars[i]] += msg.value / regulars.length; //= push-payment: payable(regulars[i]).transfer(msg.value / regulars.length);
        }
    }

    function closeHouse(address payable to, uint256 sum) external {
        if (msg.sender != house) revert Refused();
        (bool ok, ) = to.call{value: sum}("");
        if (!ok) revert Refused();
    }
}
