pragma solidity ^0.8.0;

contract Token {
    bytes32 private immutable separator;
    mapping(address => uint256) public nonces;
    mapping(address => address) public delegate;

    constructor() {
        separator = keccak256(abi.encode(block.chainid, address(this))); // fault
    }

    function set(address from, address to, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 inner = keccak256(abi.encode(from, to, nonces[from]++));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", separator, inner));
        address who = ecrecover(digest, v, r, s);
        require(who != address(0) && who == from);
        delegate[from] = to;
    }
}
