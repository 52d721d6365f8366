pragma solidity ^0.6.0;

interface Vault {
    function deposit(uint256 amount, address to) external returns (uint256 shares);
}

contract Saver {
    mapping(address => uint256) public shares;

    function put(Vault vault, uint256 amount) external {
        book(vault, amount);
        shares[msg.sender] += amount;
    }

    function book(Vault vault, uint256 amount) internal {
        vault.deposit(amount, address(this)); // fault
    }
}
