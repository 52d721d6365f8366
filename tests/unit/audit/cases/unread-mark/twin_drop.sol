// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import "@openzeppelin/contracts/token/ERC20/IERC20.sol";
contract Drop {
    bytes32 public immutable root;
    IERC20 public immutable token;
    mapping(address => bool) public claimed;
    constructor(bytes32 r, IERC20 t) { root = r; token = t; }
    function claim(uint256 amount, bytes32[] calldata proof) external {
        require(!claimed[msg.sender], "claimed");
        require(MerkleProof.verify(proof, root, keccak256(bytes.concat(keccak256(abi.encode(msg.sender, amount))))), "proof");
        claimed[msg.sender] = true;
        require(token.transfer(msg.sender, amount), "t");
    }
}
