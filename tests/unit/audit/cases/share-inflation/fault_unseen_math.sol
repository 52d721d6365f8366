pragma solidity ^0.8.20;

import "@openzeppelin/contracts/utils/math/Math.sol";

contract Vault is ERC20 {
    IERC20 asset;

    function deposit(uint256 amount) external {
        uint256 pool = asset.balanceOf(address(this));
        uint256 supply = totalSupply();
        uint256 made = supply == 0 ? amount : Math.mulDiv(amount, supply, pool); // fault
        require(made > 0);
        _mint(msg.sender, made);
        asset.transferFrom(msg.sender, address(this), amount);
    }
}
