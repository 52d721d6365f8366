pragma solidity ^0.8.0;

import "./ERC20.sol";
import "./FixedPointMathLib.sol";

contract Vault is ERC20 {
    using FixedPointMathLib for uint256;
    using SafeERC20 for IERC20;

    IERC20 asset;

    function totalAssets() public view returns (uint256) {
        return asset.balanceOf(address(this));
    }

    function toShares(uint256 amount) public view returns (uint256) {
        uint256 supply = totalSupply();
        return supply == 0 ? amount : amount.mulDivDown(supply, totalAssets()); // fault
    }

    function deposit(uint256 amount, address receiver) external returns (uint256 made) {
        made = toShares(amount);
        asset.safeTransferFrom(msg.sender, address(this), amount);
        _mint(receiver, made);
    }
}
