// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Vouchers {
    struct Order {
        address payable to;
        uint256 most;
        uint256 number;
    }

    address public immutable signer = msg.sender;
    mapping(uint256 => bool) public used;

    constructor() payable {}

    function redeem(address payable to, uint256 amount, uint256 number, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), to, amount, number));
        _check(digest, v, r, s);
        require(!used[number], "used");
        used[number] = true;
        to.transfer(amount);
    }

    function draw(Order calldata order, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), order));
        _check(digest, v, r, s);
        require(amount <= order.most, "more than signed");
        require(!used[order.number], "used");
        used[order.number] = true;
        order.to.transfer(amount);
    }

    function _check(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal view {
        address found = ecrecover(digest, v, r, s);
        require(found != address(0) && found == signer, "signature");
    }
}
