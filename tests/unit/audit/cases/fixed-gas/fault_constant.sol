pragma solidity ^0.8.0;

contract Payer {
    function pay(address payable to) external payable {
        (bool ok, ) = to.call{value: msg.value, gas: 5000}(""); // fault
        require(ok);
    }
}
