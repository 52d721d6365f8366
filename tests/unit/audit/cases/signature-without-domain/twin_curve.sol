// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The machine's recovery is used to multiply a point of the curve, as proofs of randomness need it.
contract Proofs {
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    mapping(uint256 => uint256) public drawn;

    function prove(uint256 seed, uint256 x, uint256 c, uint256 s, address witness) external {
        bytes32 pseudo = bytes32(ORDER - mulmod(x, s, ORDER));
        address found = ecrecover(pseudo, 27, bytes32(x), bytes32(mulmod(c, x, ORDER)));
        require(found == witness && found != address(0), "proof");
        drawn[seed] = s;
    }
}
