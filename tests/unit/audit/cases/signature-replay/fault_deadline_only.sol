pragma solidity ^0.8.20;

import "./ECDSA.sol";

contract Points {
    using ECDSA for bytes32;

    mapping(address => uint256) public points;
    mapping(address => uint256) public nonces;
    address judge;

    function award(uint256 amount, uint256 until, uint256 nonce, bytes calldata proof) external {
        require(block.timestamp <= until);
        bytes32 digest = keccak256(abi.encodePacked(address(this), msg.sender, amount, until, nonce));
        require(digest.recover(proof) == judge); // fault
        points[msg.sender] += amount;
    }

    function limit(address who, uint256 most, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), who, most));
        require(ecrecover(digest, v, r, s) == judge); // fault
        points[who] = most;
    }

    function move(address from, address to, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(address(this), from, to, amount));
        require(from != address(0) && ecrecover(digest, v, r, s) == from); // fault
        require(points[from] >= amount);
        points[from] -= amount;
        points[to] += amount;
    }
}
