// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Riddle {
    struct Guess { bytes32 seal; uint256 block_; }
    bytes32 public immutable answer;
    mapping(address => Guess) public guesses;
    bool public solved;

    constructor(bytes32 a) payable { answer = a; }

    function commit(bytes32 seal) external { guesses[msg.sender] = Guess(seal, block.number); }

    function solve(string calldata word, bytes32 salt) external {
        require(!solved && keccak256(bytes(word)) == answer, "wrong");
        Guess memory g = guesses[msg.sender];
        require(g.block_ > 0 && block.number > g.block_ + 2, "wait"); //- order-dependence
        require(g.seal == keccak256(abi.encode(word, salt, msg.sender)), "seal"); //- order-dependence
        solved = true;
        (bool ok, ) = payable(msg.sender).call{value: address(this).balance}("");
        require(ok, "pay");
    }
    //= order-dependence: function quick(string calldata word) external { require(!solved && keccak256(bytes(word)) == answer); solved = true; payable(msg.sender).transfer(address(this).balance); }
}
