// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Swap {
    struct Lock {
        bytes32 hash;
        address payable to;
        uint256 amount;
    }

    mapping(uint256 => Lock) public locks;
    uint256 public next;

    function lock(bytes32 hash, address payable to) external payable {
        locks[next++] = Lock(hash, to, msg.value);
    }

    function claim(uint256 id, bytes calldata secret) external {
        Lock memory held = locks[id];
        require(keccak256(secret) == held.hash);
        delete locks[id];
        held.to.transfer(held.amount);
    }
}
