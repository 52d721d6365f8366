pragma solidity ^0.8.0;

contract Votes {
    mapping(address => address) public delegate;
    mapping(address => uint256) public nonces;

    function set(address from, address to, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), from, to, nonces[from]++)
        );
        address who = ecrecover(digest, v, r, s);
        require(who != address(0) && who == from);
        delegate[from] = to;
    }
}
