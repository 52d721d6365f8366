pragma solidity ^0.8.0;

interface Token {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract Shares {
    address owner = msg.sender;
    Token immutable asset;
    uint256 public total;
    mapping(address => uint256) public held;

    constructor(Token chosen) {
        asset = chosen;
    }

    function put(uint256 amount) external {
        require(asset.transferFrom(msg.sender, address(this), amount));
        total += amount;
        held[msg.sender] += amount;
    }

    function wrap() external payable {
        total += msg.value;
        held[msg.sender] += msg.value;
    }

    function move(address to, uint256 amount) external {
        held[msg.sender] -= amount;
        held[to] += amount;
    }
}
