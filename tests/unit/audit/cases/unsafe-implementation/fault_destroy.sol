pragma solidity ^0.8.0;

import "./Initializable.sol";

contract Vault is Initializable {
    address owner;

    function initialize(address first) external initializer {
        owner = first;
    }

    function close() external {
        require(msg.sender == owner);
        selfdestruct(payable(owner)); // fault
    }
}
