pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Router {
    mapping(uint256 => IToken) tokens;

    function allow(IToken token, address to, uint256 amount) external {
        require(token.approve(to, amount)); // fault
    }
}
