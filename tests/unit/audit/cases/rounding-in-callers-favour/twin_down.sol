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

    function put(uint256 amount) external {
        uint256 made = (amount * parts) / held;
        require(token.transferFrom(msg.sender, address(this), amount));
        part[msg.sender] += made;
        parts += made;
        held += amount;
    }

    function redeem(uint256 count) external {
        uint256 amount = (count * held) / parts;
        part[msg.sender] -= count;
        parts -= count;
        held -= amount;
        require(token.transfer(msg.sender, amount));
    }
}
