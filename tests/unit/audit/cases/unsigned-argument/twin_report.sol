// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A signed price stands behind the arguments; it is no order to pay.
contract Priced {
    address public immutable source = msg.sender;
    mapping(address => uint256) public units;

    function buy(uint256 amount) external payable {
        bytes32 digest;
        uint8 v;
        bytes32 r;
        bytes32 s;
        assembly {
            let from := sub(calldatasize(), 128)
            digest := calldataload(from)
            r := calldataload(add(from, 32))
            s := calldataload(add(from, 64))
            v := calldataload(add(from, 96))
        }
        address found = ecrecover(digest, v, r, s);
        require(found == source && found != address(0), "price");
        units[msg.sender] += amount;
    }
}
