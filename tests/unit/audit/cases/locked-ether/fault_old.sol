pragma solidity ^0.4.24;

contract Piggy {
    function() public payable { // fault
        require(msg.value > 1);
    }
}
