pragma solidity ^0.8.20;
interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}
contract Router {
    address internal immutable wrapped;
    constructor(address wrapped_) { wrapped = wrapped_; }
    receive() external payable {
        require(msg.sender == wrapped);
    }
    function rest() external payable {
        if (address(this).balance > 0) payable(msg.sender).transfer(address(this).balance); // here
    }
    function sweep(IToken token, address to) external {
        token.transfer(to, token.balanceOf(address(this))); // here
    }
}
