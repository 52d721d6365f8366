pragma solidity ^0.8.20;
interface IGate { function move(uint256 amount) external payable; }
contract Gate is IGate {
    uint256 internal moved;
    function move(uint256 amount) external payable override { // here
        moved += amount;
    }
}
contract Told {
    address internal owner = msg.sender;
    receive() external payable { // here
        require(msg.sender == owner);
    }
}
