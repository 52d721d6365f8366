pragma solidity ^0.7.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

contract Router {
    mapping(uint256 => IToken) tokens;
    address spender;

    function allow(uint256 id, uint256 amount) external {
        tokens[id].approve(spender, amount); // fault
    }
}
