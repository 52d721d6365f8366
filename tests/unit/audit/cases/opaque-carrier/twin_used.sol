// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Vote {
    address chair = msg.sender;
    string topic;
    mapping(address => bool) said;
    uint256 yes;

    function ask(string calldata next) external {
        require(msg.sender == chair);
        topic = next;
    }

    function question() external view returns (string memory) {
        return topic;
    }

    function agree() external {
        require(!said[msg.sender]);
        said[msg.sender] = true;
        yes++;
    }
}
