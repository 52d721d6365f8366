pragma solidity ^0.8.20;
contract Votes {
    mapping(address => uint256) public nonces;
    mapping(address => address) public delegate;
    function delegateFor(address to, uint256 nonce, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 hash = keccak256(abi.encode(to, nonce, address(this), block.chainid));
        address signer = ecrecover(hash, v, r, s);
        require(signer != address(0));
        require(nonce == nonces[signer]++);
        delegate[signer] = to;
    }
}
