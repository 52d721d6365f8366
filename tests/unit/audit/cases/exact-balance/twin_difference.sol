pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Vault {
    IToken token;
    mapping(address => uint256) public held;

    function put(uint256 amount) external {
        uint256 before = token.balanceOf(address(this));
        require(token.transferFrom(msg.sender, address(this), amount));
        require(token.balanceOf(address(this)) == before + amount);
        held[msg.sender] += amount;
    }

    function other(address who) external view returns (bool) {
        return token.balanceOf(who) == 0;
    }
}
