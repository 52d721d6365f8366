pragma solidity ^0.8.20;
contract Locks {
    mapping(address => uint256) internal until;
    mapping(address => uint256) internal held;
    function longer(uint256 time) external {
        unchecked {
            until[msg.sender] += time; // here
        }
    }
    function give(address[] calldata to, uint256 amount) external {
        unchecked {
            uint256 sum = to.length * amount; // here
            require(held[msg.sender] >= sum);
            held[msg.sender] -= sum;
            for (uint256 i = 0; i < to.length; i++) held[to[i]] += amount; // here
        }
    }
}
