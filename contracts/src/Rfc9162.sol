// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

/// @title Rfc9162: Merkle inclusion proofs of RFC 6962 and RFC 9162 trees with SHA-256.
library Rfc9162 {
    /// @notice The tree of this size has no leaf at this index.
    error IndexNotInTree(uint256 index, uint256 size);
    /// @notice The proof has more hashes than the path from this leaf to the root.
    error ProofTooLong(uint256 length);
    /// @notice The proof ends before the root.
    error ProofTooShort(uint256 length);
    /// @notice The proof leads to another root.
    error NotIncluded(bytes32 computed, bytes32 root);

    /// @notice Revert unless `proof` leads from the leaf to `root` (RFC 9162 section 2.1.3.2).
    /// @param leafHash SHA-256(0x00 || entry).
    /// @param index position of the leaf, from 0.
    /// @param size number of leaves of the tree.
    /// @param proof sibling hashes, leaf side first.
    /// @param root tree head.
    function requireIncluded(
        bytes32 leafHash,
        uint256 index,
        uint256 size,
        bytes32[] calldata proof,
        bytes32 root
    ) internal view {
        if (index >= size) revert IndexNotInTree(index, size);
        (bytes32 computed, uint256 used, uint256 rest) = _climb(leafHash, index, size - 1, proof);
        if (used != proof.length) revert ProofTooLong(proof.length);
        if (rest != 0) revert ProofTooShort(proof.length);
        if (computed != root) revert NotIncluded(computed, root);
    }

    /// @dev The RFC's loop. `fn` and `sn` are its names: the index of the node on the path and of the last
    /// node, level by level. Memory 0x00-0x40 is scratch space; the 65-byte preimage 0x01 || left || right
    /// starts at 0x1f of freshly reserved memory, so both hashes are word aligned. Precompile 2 is SHA-256;
    /// it fails out of gas only, and a chain without it answers nothing: both revert.
    function _climb(bytes32 leafHash, uint256 fn, uint256 sn, bytes32[] calldata proof)
        private
        view
        returns (bytes32 node, uint256 used, uint256 rest)
    {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, 1)
            let left := add(buffer, 0x20)
            let right := add(buffer, 0x40)
            let preimage := add(buffer, 0x1f)
            let at := proof.offset
            let end := add(at, shl(5, proof.length))
            node := leafHash
            for {} and(lt(at, end), gt(sn, 0)) { at := add(at, 0x20) } {
                switch or(and(fn, 1), eq(fn, sn))
                case 0 {
                    mstore(left, node)
                    mstore(right, calldataload(at))
                }
                default {
                    mstore(left, calldataload(at))
                    mstore(right, node)
                    // A right-most node without a sibling is carried up until it is a right child.
                    for {} iszero(or(and(fn, 1), iszero(fn))) {} {
                        fn := shr(1, fn)
                        sn := shr(1, sn)
                    }
                }
                // Arguments are evaluated from the right: the call first, then the size of its answer.
                if iszero(and(eq(returndatasize(), 0x20), staticcall(gas(), 2, preimage, 65, 0, 0x20))) {
                    revert(0, 0)
                }
                node := mload(0)
                fn := shr(1, fn)
                sn := shr(1, sn)
            }
            used := shr(5, sub(at, proof.offset))
            rest := sn
        }
    }
}
