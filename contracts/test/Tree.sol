// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

/// @dev RFC 9162 trees by their recursive definitions, independent of the code under test.
library Tree {
    /// @dev Deterministic leaf hashes of a tree of `size` leaves.
    function leaves(uint256 size) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            hashes[i] = sha256(abi.encodePacked(bytes1(0x00), i));
        }
    }

    /// @dev MTH of section 2.1.1 over leaf hashes.
    function root(bytes32[] memory hashes) internal pure returns (bytes32) {
        return _root(hashes, 0, hashes.length);
    }

    /// @dev PATH of section 2.1.3.1.
    function path(bytes32[] memory hashes, uint256 index) internal pure returns (bytes32[] memory) {
        return _path(hashes, index, 0, hashes.length);
    }

    /// @dev A path of `depth` siblings of the left-most leaf of a tree of 2^depth leaves, and its root.
    function leftmost(bytes32 leaf, uint256 depth)
        internal
        pure
        returns (bytes32[] memory proof, bytes32 top)
    {
        proof = new bytes32[](depth);
        top = leaf;
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = keccak256(abi.encode("sibling", i));
            top = _node(top, proof[i]);
        }
    }

    function _root(bytes32[] memory hashes, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to == from) return sha256("");
        if (to - from == 1) return hashes[from];
        uint256 middle = from + _split(to - from);
        return _node(_root(hashes, from, middle), _root(hashes, middle, to));
    }

    function _path(bytes32[] memory hashes, uint256 index, uint256 from, uint256 to)
        private
        pure
        returns (bytes32[] memory)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + _split(to - from);
        return index < middle
            ? _push(_path(hashes, index, from, middle), _root(hashes, middle, to))
            : _push(_path(hashes, index, middle, to), _root(hashes, from, middle));
    }

    function _push(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }

    /// @dev The largest power of two smaller than `size`.
    function _split(uint256 size) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < size) k *= 2;
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
