pragma solidity ^0.8.20;
contract Refunds {
    address payable[] internal joined;
    function join() external payable {
        joined.push(payable(msg.sender));
    }
    function pay() external {
        for (uint256 i = 0; i < joined.length; i++) joined[i].transfer(1); // here
    }
}
