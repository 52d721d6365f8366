pragma solidity ^0.8.20;

contract Gold {
    mapping(address => uint256) internal held;

    function send(address to, uint256 sum) external {
        uint256 a = held[msg.sender];
        held[msg.sender] = a - sum;
        uint256 b = held[to];
        held[to] = b + sum;
    }

    function move(address to, uint256 sum) external {
        held[msg.sender] -= sum;
        held[to] += sum;
    }
}
