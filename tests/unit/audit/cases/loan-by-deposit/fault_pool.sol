// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IFlash { function execute() external payable; }
contract SideEntrance {
    mapping(address => uint256) private balances;
    function deposit() external payable { balances[msg.sender] += msg.value; }
    function withdraw() external {
        uint256 v = balances[msg.sender];
        delete balances[msg.sender];
        (bool ok, ) = msg.sender.call{value: v}("");
        require(ok);
    }
    function flashLoan(uint256 amount) external {
        uint256 before = address(this).balance;
        IFlash(msg.sender).execute{value: amount}();  // fault
        require(address(this).balance >= before, "repay");
    }
}
