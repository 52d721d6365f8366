pragma solidity ^0.8.0;

interface IToken {
    function balanceOf(address) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
}

interface IPermit {
    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external;
}

contract Vault {
    IToken token;
    address owner = msg.sender;
    mapping(address => uint256) public held;
    mapping(address => mapping(address => bool)) public trusts;

    function put(uint256 amount) external {
        require(token.transferFrom(msg.sender, address(this), amount));
        held[msg.sender] += amount;
    }

    function same(address from, uint256 amount) external {
        require(from == msg.sender);
        require(token.transferFrom(from, address(this), amount));
    }

    function trusted(address from, uint256 amount) external {
        if (!trusts[from][msg.sender]) revert();
        require(token.transferFrom(from, address(this), amount));
    }

    function sweep(address from, uint256 amount) external {
        require(msg.sender == owner);
        require(token.transferFrom(from, owner, amount));
    }
}
