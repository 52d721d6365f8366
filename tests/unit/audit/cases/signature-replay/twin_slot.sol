// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// The counter lies in a struct at a slot of its own (ERC-7201).
contract Cheques {
    struct Counters {
        mapping(address => uint256) used;
    }

    bytes32 private constant PLACE = 0x6b1f0a2c93d54e7788aa12f04c5b6e7d8f9a0b1c2d3e4f506172839405162700;
    mapping(address => uint256) public credit;

    function _counters() private pure returns (Counters storage $) {
        assembly {
            $.slot := PLACE
        }
    }

    function _spend(address signer) internal returns (uint256) {
        Counters storage $ = _counters();
        return $.used[signer]++;
    }

    function cash(address signer, uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), signer, msg.sender, amount, _spend(signer))
        );
        require(ecrecover(digest, v, r, s) == signer && signer != address(0), "signer");
        credit[msg.sender] += amount;
    }
}
