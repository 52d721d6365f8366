pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Vault {
    IToken token;
    mapping(address => uint256) public held;

    function put(uint256 amount) external {
        require(token.transferFrom(msg.sender, address(this), amount)); // fault
        held[msg.sender] += amount;
    }
}
