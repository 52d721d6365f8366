// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;


contract Guess {
    uint256 private secret;
    address public winner;

    constructor(uint256 number) payable {
        secret = number;
    }

    function guess(uint256 number) external payable {
        require(msg.value == 1 ether, "stake");
        if (number == secret) {
            winner = msg.sender; // fault
        }
    }

    function collect() external {
        require(msg.sender == winner, "not you");
        payable(winner).transfer(address(this).balance);
    }
}
