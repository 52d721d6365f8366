pragma solidity ^0.8.20;
contract Gate {
    address internal owner = msg.sender;
    function run(address payable to) external {
        require(tx.origin == owner); // here
        to.transfer(1);
    }
    function stop(address payable to) external {
        if (tx.origin != owner) revert(); // here
        to.transfer(2);
    }
}
