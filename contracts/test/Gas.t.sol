// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {Anchor} from "../src/Anchor.sol";
import {Base} from "./Base.sol";
import {Tree} from "./Tree.sol";

/// @dev Gas of whole transactions (forge isolates every call), kept in snapshots/Anchor.json.
contract GasTest is Base {
    address internal constant BOB = address(0xb0b);
    bytes32 internal constant ROOT = keccak256("root");

    Anchor internal book;
    bytes32 internal id;

    function setUp() public {
        book = new Anchor();
        id = book.register(keccak256("salt"));
        book.anchor(id, 0x0102030405, keccak256("first"));
    }

    function testGasOfWriting() public {
        bytes32 fresh = book.register(keccak256("fresh"));
        VM.snapshotGasLastCall("Anchor", "register");
        book.anchor(fresh, 1_000_000, ROOT);
        VM.snapshotGasLastCall("Anchor", "anchor (first)");
        book.anchor(id, 0x010203040506, ROOT);
        uint256 steady = VM.snapshotGasLastCall("Anchor", "anchor (steady)");
        require(steady <= 40_000, "bar: 40,000 gas for a steady anchor");
        book.setPublisher(id, BOB, true);
        VM.snapshotGasLastCall("Anchor", "setPublisher");
        VM.prank(BOB);
        book.anchor(id, 0x010203040507, keccak256("next"));
        VM.snapshotGasLastCall("Anchor", "anchor (publisher)");
        book.proposeOwner(id, BOB);
        VM.snapshotGasLastCall("Anchor", "proposeOwner");
        VM.prank(BOB);
        book.acceptOwner(id);
        VM.snapshotGasLastCall("Anchor", "acceptOwner");
    }

    function testGasOfInclusion() public {
        bytes32 leaf = keccak256("leaf");
        (bytes32[] memory proof, bytes32 root) = Tree.leftmost(leaf, 20);
        bytes32 deep = book.register(keccak256("deep"));
        book.anchor(deep, 1 << 20, root);
        // A low-level call, because forge counts a whole transaction for calls but not for static calls.
        bytes memory data = abi.encodeCall(Anchor.verifyInclusion, (deep, leaf, 0, proof));
        (bool done,) = address(book).call(data);
        uint256 used = VM.snapshotGasLastCall("Anchor", "verifyInclusion (depth 20)");
        require(done && used <= 55_000, "bar: 55,000 gas for an inclusion of depth 20");
        (done,) =
            address(book).call(abi.encodeCall(Anchor.verifyInclusionIn, (1 << 20, root, leaf, 0, proof)));
        require(done, "not included");
        VM.snapshotGasLastCall("Anchor", "verifyInclusionIn (depth 20)");
    }

    function testSizeOfTheCode() public {
        VM.snapshotValue("Anchor", "runtime code (bytes)", address(book).code.length);
        require(address(book).code.length < 24_576, "EIP-170");
    }
}
