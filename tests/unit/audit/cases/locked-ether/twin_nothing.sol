pragma solidity ^0.8.20;
contract Gate {
    mapping(address => uint256) internal moved;
    function move(uint256 amount) external payable {
        require(msg.value == 0, "no ether");
        moved[msg.sender] += amount;
    }
}
