pragma solidity ^0.8.20;

interface IBorrower {
    function take() external payable;
}

contract Bank {
    mapping(address => uint256) internal held;

    receive() external payable {
        held[msg.sender] += msg.value;
    }

    function take() external {
        uint256 all = held[msg.sender];
        held[msg.sender] = 0;
        payable(msg.sender).transfer(all);
    }

    function lend(IBorrower to, uint256 sum) external {
        uint256 before = address(this).balance;
        to.take{value: sum}(); // fault
        if (address(this).balance < before) revert();
    }
}
