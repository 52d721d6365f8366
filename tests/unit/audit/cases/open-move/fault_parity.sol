// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Parity {
    struct Move { address player; uint256 number; }
    Move[2] private moves;
    mapping(address => bytes32) private commits;
    uint256 private count;

    function play(uint256 number) external payable {
        require(msg.value == 1 ether, "stake");
        moves[count] = Move(msg.sender, number); // fault
        count++;
        if (count == 2) settle();
    }

    function settle() private {
        uint256 sum = moves[0].number + moves[1].number;
        count = 0;
        if (sum % 2 == 0) {
            payable(moves[0].player).transfer(2 ether);
        } else {
            payable(moves[1].player).transfer(2 ether);
        }
    }
}
