pragma solidity ^0.8.20;
interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}
contract Shares {
    mapping(IToken => mapping(address => uint256)) internal held;
    function put(IToken token, uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount); // here
        held[token][msg.sender] += amount;
    }
    function take(IToken token) external {
        uint256 due = held[token][msg.sender];
        held[token][msg.sender] = 0;
        token.transfer(msg.sender, due); // here
    }
}
