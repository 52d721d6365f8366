pragma solidity ^0.8.0;

contract Sums {
    uint256 total;
    mapping(address => uint256) held;

    function add(uint256 a) external {
        held[msg.sender] += a;
        total += a;
        assert(total >= held[msg.sender]);
    }
}
