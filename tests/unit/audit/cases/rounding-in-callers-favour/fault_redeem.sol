pragma solidity ^0.8.0;

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Pool {
    IToken public immutable token;
    mapping(address => uint256) public part;
    uint256 public parts;
    uint256 public held;

    constructor(IToken given) {
        token = given;
    }

    function take(uint256 amount) external {
        uint256 cost = (amount * parts) / held; // fault
        part[msg.sender] -= cost;
        parts -= cost;
        held -= amount;
        require(token.transfer(msg.sender, amount));
    }

    function buy(uint256 count) external {
        uint256 price = (count * held) / parts; // fault
        part[msg.sender] += count;
        parts += count;
        held += price;
        require(token.transferFrom(msg.sender, address(this), price));
    }
}
