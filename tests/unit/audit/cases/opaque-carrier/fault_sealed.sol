// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Sealed {
    address boss = msg.sender;
    string part = "K1+h8VTAP8diC72CVTYlIi1GbaLlO5oMhxWsVg7Po4V1c3+ZwfdAkvJl4XANs2wzCObX1uMDLGOoAGHQUt17J9ykel5QUF56pNwne91S0GEAqGMsA+PW1+YI"; // fault

    function put(string calldata next) external {
        require(msg.sender == boss);
        part = next;
    }

    function get() external view returns (string memory) {
        return part;
    }
}
