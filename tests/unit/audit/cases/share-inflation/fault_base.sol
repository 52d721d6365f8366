pragma solidity ^0.8.0;

import "./ERC20.sol";

contract Pot is ERC20 {
    constructor() ERC20("Pot", "POT") {}

    function total() public view returns (uint256) {
        return address(this).balance;
    }

    function put() external payable {
        uint256 before = total() - msg.value;
        uint256 made = totalSupply() == 0 ? msg.value : (msg.value * totalSupply()) / before; // fault
        _mint(msg.sender, made);
    }
}
