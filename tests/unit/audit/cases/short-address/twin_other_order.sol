pragma solidity ^0.4.18;

contract Votes {
    mapping(address => uint256) votes;
    mapping(address => uint256) limits;

    function vote(uint256 amount, address to) public {
        votes[to] += amount;
    }

    function limit(address who, uint256 amount) public {
        limits[who] = amount;
    }
}
