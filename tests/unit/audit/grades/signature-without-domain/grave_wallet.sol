// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Many sign an order, which is paid.
contract Wallet {
    mapping(address => uint256) public place;
    uint256 public immutable quorum;
    uint256 public number;

    constructor(address[] memory members) payable {
        quorum = members.length;
        for (uint256 i = 0; i < members.length; ++i) place[members[i]] = i + 1;
    }

    function pay(address payable to, uint256 amount, bytes32[] calldata r, bytes32[] calldata s, uint8[] calldata v)
        external
    {
        require(r.length == quorum, "quorum");
        bytes32 digest = keccak256(abi.encode(to, amount, number++));
        uint256 last;
        for (uint256 i = 0; i < r.length; ++i) {
            uint256 found = place[ecrecover(digest, v[i], r[i], s[i])]; // here
            require(found > last, "order");
            last = found;
        }
        to.transfer(amount);
    }
}
