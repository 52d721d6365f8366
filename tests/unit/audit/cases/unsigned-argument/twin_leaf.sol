// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
contract MerkleMint {
    bytes32 public immutable root; mapping(bytes32 => bool) public used; mapping(address => uint256) public balanceOf;
    constructor(bytes32 r) { root = r; }
    function claim(address to, uint256 amount, bytes32[] calldata proof) external {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(to, amount))));
        require(!used[leaf], "used");
        require(MerkleProof.verify(proof, root, leaf), "proof");
        used[leaf] = true;
        balanceOf[to] += amount;
    }
}
