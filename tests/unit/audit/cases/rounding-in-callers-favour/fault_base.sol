pragma solidity ^0.8.0;

import "./ERC20.sol";

contract Vault is ERC20 {
    IERC20 asset;

    function total() public view returns (uint256) {
        return asset.balanceOf(address(this));
    }

    function withdraw(uint256 amount, address to) external returns (uint256 cost) {
        cost = (amount * totalSupply()) / total(); // fault
        _burn(msg.sender, cost);
        asset.transfer(to, amount);
    }
}
