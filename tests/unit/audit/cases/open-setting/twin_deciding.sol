pragma solidity ^0.8.0;

contract Chest {
    address owner;

    function take() external {
        require(owner == address(0));
        owner = msg.sender;
    }

    function pay() external {
        require(msg.sender == owner);
        payable(owner).transfer(1);
    }
}
