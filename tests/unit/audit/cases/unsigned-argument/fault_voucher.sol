// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Vouchers {
    address public immutable signer = msg.sender;
    mapping(uint256 => bool) public used;

    constructor() payable {}

    function redeem(address payable to, uint256 amount, uint256 number, uint8 v, bytes32 r, bytes32 s) external {
        require(amount > 0 && to != address(0), "nothing");
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), to, number));
        address found = ecrecover(digest, v, r, s);
        require(found != address(0) && found == signer, "signature");
        require(!used[number], "used");
        used[number] = true;
        to.transfer(amount); // fault
    }
}
