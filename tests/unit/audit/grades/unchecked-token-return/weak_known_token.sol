pragma solidity ^0.8.20;
interface IToken { function transfer(address to, uint256 amount) external returns (bool); }
contract Shares {
    address internal owner = msg.sender;
    IToken internal token;
    mapping(address => uint256) internal held;
    function use(IToken token_) external {
        require(msg.sender == owner);
        token = token_;
    }
    function take() external {
        uint256 due = held[msg.sender];
        held[msg.sender] = 0;
        token.transfer(msg.sender, due); // here
    }
}
