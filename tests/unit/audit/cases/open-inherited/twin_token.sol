// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import "@openzeppelin/contracts/access/Ownable.sol";
import "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

contract Coin is ERC20, Ownable {
    using SafeERC20 for IERC20;
    IERC20 public immutable asset;
    mapping(address => bool) public isMinter;
    uint256 public immutable cap;

    constructor(IERC20 a) ERC20("Coin", "C") Ownable(msg.sender) {
        asset = a;
    }

    function mint(address to, uint256 amount) public onlyOwner {
        _mint(to, amount);
    }

    function mintBy(address to, uint256 amount) public {
        _checkOwner();
        _mint(to, amount);
    }

    function mintAs(address to, uint256 amount) public {
        require(isMinter[_msgSender()], "minter");
        _mint(to, amount);
    }

    function wrap(uint256 amount) external {
        asset.safeTransferFrom(msg.sender, address(this), amount);
        _mint(msg.sender, amount);
    }

    function buy() external payable {
        _mint(msg.sender, msg.value);
    }

    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    function burnFrom(address account, uint256 amount) external {
        _spendAllowance(account, msg.sender, amount);
        _burn(account, amount);
    }
}
