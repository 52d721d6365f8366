pragma solidity ^0.8.20;

interface IBorrower {
    function take() external payable;
}

contract Bank {
    uint256 internal lent;
    address internal keeper = msg.sender;

    receive() external payable {}

    function lend(IBorrower to, uint256 sum) external {
        uint256 before = address(this).balance;
        to.take{value: sum}();
        lent += sum;
        if (address(this).balance < before) revert();
    }

    function close() external {
        require(msg.sender == keeper, "keeper");
        payable(keeper).transfer(address(this).balance);
    }
}
