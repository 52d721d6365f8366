pragma solidity ^0.8.0;

contract Owned {
    address owner = msg.sender;

    error NotOwner();

    modifier mine() {
        require(msg.sender == owner);
        _;
    }

    modifier ours() {
        if (msg.sender != owner) {
            revert NotOwner();
        }
        _;
    }

    function close() external mine ours {}
}
