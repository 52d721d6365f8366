pragma solidity ^0.8.20;
contract Till {
    receive() external payable {}
    function rest() external {
        payable(msg.sender).transfer(address(this).balance); // here
    }
}
