// SPDX-License-Identifier: Apache-2.0
// Compiled by solc 0.8.28 to the .hex files beside: plain, optimised (200 runs), and by the IR.
pragma solidity ^0.8.20;
contract Till {
    mapping(address => uint256) public balances;
    address public owner; bool private locked;
    uint256 immutable fee;
    event Paid(address who);
    constructor(uint256 f) { owner = msg.sender; fee = f; }
    function deposit() external payable { balances[msg.sender] += msg.value; }
    function bad() external { uint256 a = balances[msg.sender]; (bool ok,) = msg.sender.call{value: a}(""); require(ok); balances[msg.sender] = 0; }
    function good() external { uint256 a = balances[msg.sender]; balances[msg.sender] = 0; (bool ok,) = msg.sender.call{value: a - fee}(""); require(ok); }
    function guarded() external { require(!locked); locked = true; uint256 a = balances[msg.sender]; (bool ok,) = msg.sender.call{value: a}(""); require(ok); balances[msg.sender] = 0; locked = false; }
    function kill() external { selfdestruct(payable(msg.sender)); }
    function ownerKill() external { require(msg.sender == owner); selfdestruct(payable(msg.sender)); }
    function run(address t, bytes calldata d) external { (bool ok,) = t.delegatecall(d); require(ok); }
    function origin() external { require(tx.origin == owner); payable(msg.sender).transfer(address(this).balance); }
    function drop(address payable t) external { require(msg.sender == owner); t.send(1); }
    function ignore(address payable t) external { require(msg.sender == owner); t.call{value: 1}(""); balances[t] = 0; }
    function take() external { payable(msg.sender).transfer(address(this).balance); }
    function dice() external payable { if (uint256(keccak256(abi.encode(block.timestamp, block.prevrandao))) % 2 == 0) payable(msg.sender).transfer(msg.value * 2); }
    function setOwner(address o) external { owner = o; }
    function both(uint a) external { require(msg.sender == owner && a > 3); selfdestruct(payable(msg.sender)); }
}
