// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IERC20 {
    function transfer(address to, uint256 amount) external returns (bool);
}

contract Pool {
    IERC20 token;
    uint256 money;
    uint256 stock;

    function buy(uint256 deadline, uint256 least) external payable {
        uint256 gives = (stock * msg.value) / (money + msg.value);
        require(gives >= least, "too little");
        money += msg.value;
        stock -= gives;
        require(token.transfer(msg.sender, gives)); // fault
    }
}
