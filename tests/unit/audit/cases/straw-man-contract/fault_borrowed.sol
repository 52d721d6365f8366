// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Notes {
    mapping(address => uint256) public seen;

    function note() external payable {
        seen[msg.sender] += 1;
    }
}

contract Faucet {
    address notes = 0x000000000000000000000000000000000000dEaD;

    receive() external payable {}

    function drink() external payable {
        require(msg.value >= 1 ether);
        (bool noted, ) = notes.delegatecall(abi.encodeWithSignature("note()")); // fault
        require(noted);
        payable(msg.sender).transfer(address(this).balance);
    }
}
