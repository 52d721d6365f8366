// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract PermitToken {
    bytes32 private constant TYPE = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => uint256) public nonces;
    bytes32 public immutable domain;

    constructor() { domain = keccak256(abi.encode(block.chainid, address(this))); balanceOf[msg.sender] = 1e24; }

    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        require(block.timestamp <= deadline, "late");
        bytes32 inner = keccak256(abi.encode(TYPE, owner, spender, value, nonces[owner]++, deadline)); //= no-nonce: bytes32 inner = keccak256(abi.encode(TYPE, owner, spender, value, deadline));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domain, inner)); //= no-domain: bytes32 digest = inner;
        address signer = ecrecover(digest, v, r, s);
        require(signer != address(0) && signer == owner, "signature"); //= no-zero-signer: require(signer == owner, "signature");
        allowance[owner][spender] = value;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value; //- no-access-control
        balanceOf[from] -= value;
        balanceOf[to] += value;
        return true;
    }
}
