pragma solidity ^0.8.0;

import "./ECDSA.sol";

contract Pass {
    mapping(bytes32 => bool) used;
    mapping(address => uint256) points;
    address judge;

    function first(uint256 amount, uint256 nonce, bytes calldata proof) external {
        bytes32 digest = keccak256(abi.encode(address(this), msg.sender, amount, nonce));
        require(!used[digest]);
        used[digest] = true;
        require(ECDSA.recover(digest, proof) == judge); // fault
        points[msg.sender] += amount;
    }

    function second(uint256 amount, uint256 nonce, bytes calldata proof) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, msg.sender, amount, nonce));
        require(!used[digest]);
        used[digest] = true;
        require(ECDSA.recover(digest, proof) == judge); // fault
        points[msg.sender] += amount;
    }
}
