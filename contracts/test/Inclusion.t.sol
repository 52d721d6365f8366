// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {Anchor} from "../src/Anchor.sol";
import {Rfc9162} from "../src/Rfc9162.sol";
import {Base} from "./Base.sol";
import {Tree} from "./Tree.sol";

/// @dev Inclusion proofs against trees built by the recursive definitions of RFC 9162.
contract InclusionTest is Base {
    uint256 internal constant LARGEST = 70;

    Anchor internal book;
    bytes32 internal id;

    function setUp() public {
        book = new Anchor();
        id = book.register(0);
    }

    function testFuzzEveryLeafIsIncluded(uint256 size, uint256 index) public {
        size = bound(size, 1, LARGEST);
        index = bound(index, 0, size - 1);
        bytes32[] memory leaves = Tree.leaves(size);
        bytes32[] memory path = Tree.path(leaves, index);
        VM.warp(1_700_000_000);
        book.anchor(id, uint48(size), Tree.root(leaves));
        (uint48 headSize, uint48 time) = book.verifyInclusion(id, leaves[index], index, path);
        eq(headSize, size, "size");
        eq(time, 1_700_000_000, "time");
        book.verifyInclusionIn(size, Tree.root(leaves), leaves[index], index, path);
    }

    function testFuzzTruncatedProofsAreRefused(uint256 size, uint256 index, uint256 length) public {
        size = bound(size, 2, LARGEST);
        index = bound(index, 0, size - 1);
        bytes32[] memory leaves = Tree.leaves(size);
        bytes32[] memory path = Tree.path(leaves, index);
        bytes32[] memory shorter = _resized(path, bound(length, 0, path.length - 1));
        bytes32 root = Tree.root(leaves);
        VM.expectRevert(abi.encodeWithSelector(Rfc9162.ProofTooShort.selector, shorter.length));
        book.verifyInclusionIn(size, root, leaves[index], index, shorter);
    }

    function testFuzzExtendedProofsAreRefused(uint256 size, uint256 index, bytes32 extra) public {
        size = bound(size, 1, LARGEST);
        index = bound(index, 0, size - 1);
        bytes32[] memory leaves = Tree.leaves(size);
        bytes32[] memory longer = _resized(Tree.path(leaves, index), Tree.path(leaves, index).length + 1);
        longer[longer.length - 1] = extra;
        bytes32 root = Tree.root(leaves);
        VM.expectRevert(abi.encodeWithSelector(Rfc9162.ProofTooLong.selector, longer.length));
        book.verifyInclusionIn(size, root, leaves[index], index, longer);
    }

    function testFuzzChangedHashesAreRefused(uint256 size, uint256 index, uint256 at, uint8 bit) public {
        size = bound(size, 2, LARGEST);
        index = bound(index, 0, size - 1);
        bytes32[] memory leaves = Tree.leaves(size);
        bytes32[] memory path = Tree.path(leaves, index);
        at = bound(at, 0, path.length - 1);
        bytes32 root = Tree.root(leaves);
        path[at] ^= bytes32(2 ** uint256(bit));
        VM.expectRevert();
        book.verifyInclusionIn(size, root, leaves[index], index, path);
    }

    function testFuzzOtherLeavesAndIndexesAreRefused(uint256 size, uint256 index, uint256 other) public {
        size = bound(size, 2, LARGEST);
        index = bound(index, 0, size - 1);
        other = (index + bound(other, 1, size - 1)) % size;
        bytes32[] memory leaves = Tree.leaves(size);
        bytes32 root = Tree.root(leaves);
        bytes32[] memory path = Tree.path(leaves, index);
        VM.expectRevert();
        book.verifyInclusionIn(size, root, leaves[other], index, path);
        VM.expectRevert();
        book.verifyInclusionIn(size, root, leaves[index], other, path);
    }

    function testFuzzAnOlderProofNoLongerMatchesTheHead(uint256 size, uint256 growth) public {
        size = bound(size, 1, LARGEST / 2);
        growth = bound(growth, 1, LARGEST / 2);
        bytes32[] memory before = Tree.leaves(size);
        bytes32[] memory grown = Tree.leaves(size + growth);
        book.anchor(id, uint48(size), Tree.root(before));
        book.verifyInclusion(id, before[0], 0, Tree.path(before, 0));
        book.anchor(id, uint48(size + growth), Tree.root(grown));
        bytes32[] memory stale = Tree.path(before, 0);
        VM.expectRevert();
        book.verifyInclusion(id, before[0], 0, stale);
        book.verifyInclusionIn(size, Tree.root(before), before[0], 0, stale);
    }

    function testFuzzIndexesOutsideTheTreeAreRefused(uint256 size, uint256 index) public {
        if (index < size) (index, size) = (size, index);
        VM.expectRevert(abi.encodeWithSelector(Rfc9162.IndexNotInTree.selector, index, size));
        book.verifyInclusionIn(size, 0, 0, index, new bytes32[](0));
    }

    function testNothingIsIncludedBeforeTheFirstAnchor() public {
        VM.expectRevert(abi.encodeWithSelector(Rfc9162.IndexNotInTree.selector, 0, 0));
        book.verifyInclusion(id, 0, 0, new bytes32[](0));
    }

    function testTheErrorNamesWhatIsWrong() public {
        bytes32[] memory leaves = Tree.leaves(8);
        bytes32[] memory path = Tree.path(leaves, 5);
        bytes32 root = Tree.root(leaves);
        VM.expectRevert(abi.encodeWithSelector(Rfc9162.ProofTooShort.selector, 2));
        book.verifyInclusionIn(8, root, leaves[5], 5, _resized(path, 2));
        VM.expectRevert(abi.encodeWithSelector(Rfc9162.NotIncluded.selector, root, keccak256("other")));
        book.verifyInclusionIn(8, keccak256("other"), leaves[5], 5, path);
    }

    function testASingleLeafIsItsOwnRoot() public {
        book.verifyInclusionIn(1, keccak256("leaf"), keccak256("leaf"), 0, new bytes32[](0));
        VM.expectRevert(
            abi.encodeWithSelector(Rfc9162.NotIncluded.selector, keccak256("leaf"), keccak256("root"))
        );
        book.verifyInclusionIn(1, keccak256("root"), keccak256("leaf"), 0, new bytes32[](0));
    }

    function testThePublishedVector() public view {
        // transparency-dev/merkle, testdata/inclusion/2/happy-path.json
        bytes32[] memory path = new bytes32[](3);
        path[0] = 0xbc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b;
        path[1] = 0xca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0;
        path[2] = 0xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7;
        book.verifyInclusionIn(
            8,
            0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328,
            0x4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658,
            5,
            path
        );
    }

    function _resized(bytes32[] memory list, uint256 length) private pure returns (bytes32[] memory copy) {
        copy = new bytes32[](length);
        for (uint256 i = 0; i < length && i < list.length; ++i) {
            copy[i] = list[i];
        }
    }
}
