pragma solidity 0.5.17;

import "./IERC20.sol";

contract Vault {
    IERC20 token;
    mapping(address => uint256) public held;

    function take(uint256 amount) external {
        require(held[msg.sender] >= amount);
        held[msg.sender] -= amount;
        IERC20(token).transfer(msg.sender, amount); // fault
    }
}
