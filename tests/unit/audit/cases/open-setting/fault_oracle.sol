pragma solidity ^0.8.0;

interface Oracle {
    function price() external view returns (uint256);
}

contract Lender {
    Oracle public oracle;
    mapping(address => uint256) public debt;

    function setOracle(Oracle next) external {
        oracle = next; // fault
    }

    function borrow(uint256 amount) external {
        require(amount <= oracle.price());
        debt[msg.sender] += amount;
    }
}
