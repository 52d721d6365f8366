pragma solidity ^0.6.0;

contract Token {
    bytes32 public separator;
    mapping(address => uint256) public nonces;
    mapping(address => address) public delegate;

    constructor() public {
        uint256 id;
        assembly {
            id := chainid()
        }
        separator = keccak256(abi.encode(id, address(this))); // fault
    }

    function set(address from, address to, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 inner = keccak256(abi.encode(from, to, nonces[from]++));
        address who = ecrecover(keccak256(abi.encodePacked("\x19\x01", separator, inner)), v, r, s);
        require(who != address(0) && who == from);
        delegate[from] = to;
    }
}
