// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import "@openzeppelin/contracts/access/Ownable.sol";

contract Coin is ERC20, Ownable {
    constructor() ERC20("Coin", "C") Ownable(msg.sender) {}

    function mint(address to, uint256 amount) public {
        _mint(to, amount); // fault
    }

    function burnFrom(address account, uint256 amount) external {
        _burn(account, amount); // fault
    }

    function move(address from, address to, uint256 amount) external {
        _transfer(from, to, amount); // fault
    }
}
