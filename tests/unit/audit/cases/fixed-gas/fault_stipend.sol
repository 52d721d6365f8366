pragma solidity ^0.8.0;

contract Payer {
    function pay(address payable to) external payable {
        to.transfer(msg.value); // fault
    }
}
