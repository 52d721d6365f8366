pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Router {
    IToken immutable token;

    constructor(IToken given) {
        token = given;
    }

    function allow(address to, uint256 amount) external {
        require(token.approve(to, amount));
    }

    function end(IToken other, address to) external {
        require(other.approve(to, 0));
    }
}
