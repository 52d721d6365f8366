// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Coin {
    address public minter;
    uint256 public supply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor() {
        minter = msg.sender;
    }

    modifier onlyMinter() {
        require(msg.sender == minter, "not you");
        _;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function burn(address from, uint256 amount) external onlyMinter {
        balanceOf[from] -= amount;
        supply -= amount;
    }

    function burnSigned(address from, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), block.chainid, from, amount, supply));
        require(ecrecover(digest, v, r, s) == from && from != address(0), "unsigned");
        balanceOf[from] -= amount;
        supply -= amount;
    }
}
