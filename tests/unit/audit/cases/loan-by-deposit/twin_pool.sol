// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IFlash { function execute() external payable; }
contract SideEntrance {
    mapping(address => uint256) private balances;
    bool private locked;
    modifier lock() { require(!locked); locked = true; _; locked = false; }
    function deposit() external payable lock { balances[msg.sender] += msg.value; }
    function withdraw() external lock {
        uint256 v = balances[msg.sender];
        delete balances[msg.sender];
        (bool ok, ) = msg.sender.call{value: v}("");
        require(ok);
    }
    function flashLoan(uint256 amount) external lock {
        uint256 before = address(this).balance;
        IFlash(msg.sender).execute{value: amount}();
        require(address(this).balance >= before, "repay");
    }
}
