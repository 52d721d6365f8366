pragma solidity ^0.8.0;

import "./Initializable.sol";

contract Vault is Initializable {
    address owner;

    modifier mine() {
        if (msg.sender != owner) revert();
        _;
    }

    function initialize() external initializer {
        owner = msg.sender;
    }

    function run(address code, bytes calldata data) external mine {
        (bool ok, ) = code.delegatecall(data); // fault
        require(ok);
    }
}
