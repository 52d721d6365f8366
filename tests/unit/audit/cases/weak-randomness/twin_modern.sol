// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


abstract contract Consumer {
    address internal immutable coordinator;

    constructor(address given) {
        coordinator = given;
    }

    function rawFulfillRandomWords(uint256 id, uint256[] memory words) external {
        require(msg.sender == coordinator, "coordinator");
        fulfillRandomWords(id, words);
    }

    function fulfillRandomWords(uint256 id, uint256[] memory words) internal virtual;
}

contract Lottery is Consumer {
    address payable[] public players;
    mapping(address => bytes32) public commits;

    constructor(address given) Consumer(given) {}

    function fulfillRandomWords(uint256, uint256[] memory words) internal override {
        players[words[0] % players.length].transfer(address(this).balance);
    }

    function commit(bytes32 hash) external payable {
        commits[msg.sender] = hash;
    }

    function reveal(uint256 secret, uint256 other) external {
        require(commits[msg.sender] == keccak256(abi.encode(secret)), "commit");
        delete commits[msg.sender];
        uint256 side = uint256(keccak256(abi.encode(secret, other, blockhash(block.number - 1)))) % 2;
        if (side == 1) payable(msg.sender).transfer(1 ether);
    }

    function digest(uint256 value) external view returns (bytes32) {
        return keccak256(abi.encode(value, block.timestamp, block.chainid));
    }
}
