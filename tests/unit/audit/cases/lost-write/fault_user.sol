// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract MemStorage {
    struct User { uint256 credit; bool active; }
    mapping(address => User) public users;
    function join() external payable { users[msg.sender] = User(msg.value, true); }
    function deactivate() external {
        User memory u = users[msg.sender];
        require(u.active, "x");
        u.active = false;  // fault
    }
}
