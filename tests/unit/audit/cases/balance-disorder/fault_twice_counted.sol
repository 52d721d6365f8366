pragma solidity ^0.5.0;

contract Pool {
    uint256 code = 7;

    function () external payable {}

    function guess(uint256 n) external payable {
        require(n == code && msg.value > 1 ether);
        msg.sender.transfer(address(this).balance + msg.value); // fault
    }
}
