pragma solidity ^0.8.20;

contract Gold {
    mapping(address => uint256) internal held;
    mapping(address => mapping(address => uint256)) internal allowed;

    function transferFrom(address from, address to, uint256 sum) external returns (bool) {
        allowed[from][msg.sender] -= sum;
        uint256 a = held[from];
        uint256 b = held[to];
        held[from] = a - sum;
        held[to] = b + sum; // fault
        return true;
    }
}
