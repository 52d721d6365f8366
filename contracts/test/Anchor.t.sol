// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {Anchor} from "../src/Anchor.sol";
import {Base} from "./Base.sol";

/// @dev The rules of the registry: each with the case that obeys and the case that breaks it.
contract AnchorTest is Base {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    address internal constant CAROL = address(0xca401);
    bytes32 internal constant SALT = keccak256("salt");

    Anchor internal book;
    bytes32 internal id;

    function setUp() public {
        book = new Anchor();
        VM.warp(1_700_000_000);
        VM.prank(ALICE);
        id = book.register(SALT);
    }

    function testRegisterNamesTheLogByOwnerAndSalt() public {
        eq(id, keccak256(abi.encode(ALICE, SALT)), "id");
        eq(id, book.logId(ALICE, SALT), "logId");
        VM.expectEmit(true, true, false, true);
        emit Anchor.Registered(book.logId(BOB, SALT), BOB, SALT);
        VM.prank(BOB);
        eq(book.register(SALT), book.logId(BOB, SALT), "another owner may use the same salt");
        _head(id, ALICE, 0, 0, 0);
    }

    function testRegisterTwiceIsRefused() public {
        VM.expectRevert(abi.encodeWithSelector(Anchor.AlreadyRegistered.selector, id));
        VM.prank(ALICE);
        book.register(SALT);
    }

    function testRegisterAgainAfterHandoverIsRefused() public {
        _handOver(ALICE, BOB);
        VM.expectRevert(abi.encodeWithSelector(Anchor.AlreadyRegistered.selector, id));
        VM.prank(ALICE);
        book.register(SALT);
    }

    function testFuzzRegisterByAnyoneElseGivesAnotherLog(address other, bytes32 salt) public {
        VM.assume(other != ALICE || salt != SALT);
        VM.prank(other);
        bytes32 theirs = book.register(salt);
        require(theirs != id, "an id was taken by somebody else");
        _head(id, ALICE, 0, 0, 0);
    }

    function testAnchorKeepsTheNewestHead() public {
        VM.expectEmit(true, false, false, true);
        emit Anchor.Anchored(id, 5, keccak256("five"));
        _anchor(ALICE, 5, keccak256("five"));
        _head(id, ALICE, 5, 1_700_000_000, keccak256("five"));
        VM.warp(1_700_000_099);
        _anchor(ALICE, 6, keccak256("six"));
        _head(id, ALICE, 6, 1_700_000_099, keccak256("six"));
    }

    function testFuzzSizeMustGrow(uint48 first, uint48 second) public {
        VM.assume(first > 0);
        _anchor(ALICE, first, keccak256("first"));
        if (second <= first) {
            VM.expectRevert(abi.encodeWithSelector(Anchor.SizeMustGrow.selector, second, first));
            _anchor(ALICE, second, keccak256("second"));
            _head(id, ALICE, first, 1_700_000_000, keccak256("first"));
        } else {
            _anchor(ALICE, second, keccak256("second"));
            _head(id, ALICE, second, 1_700_000_000, keccak256("second"));
        }
    }

    function testAnEmptyTreeIsRefused() public {
        VM.expectRevert(abi.encodeWithSelector(Anchor.SizeMustGrow.selector, uint48(0), uint48(0)));
        _anchor(ALICE, 0, keccak256("nothing"));
    }

    function testTheLargestTreeFits() public {
        _anchor(ALICE, type(uint48).max, keccak256("all"));
        _head(id, ALICE, type(uint48).max, 1_700_000_000, keccak256("all"));
    }

    function testSizesBeyond48BitsAreRefused() public {
        VM.prank(ALICE);
        (bool done,) =
            address(book).call(abi.encodeWithSelector(Anchor.anchor.selector, id, 1 << 48, keccak256("big")));
        eq(done, false, "dirty high bits");
    }

    function testFuzzStrangersCannotAnchor(address stranger) public {
        VM.assume(stranger != ALICE);
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotPublisher.selector, id, stranger));
        _anchor(stranger, 5, keccak256("five"));
    }

    function testFuzzUnknownLogsAreRefused(bytes32 unknown, address sender) public {
        VM.assume(unknown != id);
        VM.assume(sender != address(0));
        bytes memory reason = abi.encodeWithSelector(Anchor.UnknownLog.selector, unknown);
        VM.expectRevert(reason);
        VM.prank(sender);
        book.anchor(unknown, 1, 0);
        VM.expectRevert(reason);
        VM.prank(sender);
        book.setPublisher(unknown, sender, true);
        VM.expectRevert(reason);
        VM.prank(sender);
        book.proposeOwner(unknown, sender);
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotProposed.selector, unknown, sender));
        VM.prank(sender);
        book.acceptOwner(unknown);
        VM.expectRevert(reason);
        book.head(unknown);
        VM.expectRevert(reason);
        book.verifyInclusion(unknown, 0, 0, new bytes32[](0));
        eq(book.mayPublish(unknown, sender), false, "mayPublish");
        eq(book.mayPublish(unknown, address(0)), false, "mayPublish");
    }

    function testAllowedPublishersMayAnchorUntilForbidden() public {
        VM.expectEmit(true, true, false, true);
        emit Anchor.PublisherSet(id, BOB, true);
        _setPublisher(ALICE, BOB, true);
        eq(book.mayPublish(id, BOB), true, "allowed");
        _anchor(BOB, 5, keccak256("five"));
        _head(id, ALICE, 5, 1_700_000_000, keccak256("five"));
        _setPublisher(ALICE, BOB, false);
        eq(book.mayPublish(id, BOB), false, "forbidden");
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotPublisher.selector, id, BOB));
        _anchor(BOB, 6, keccak256("six"));
        _anchor(ALICE, 6, keccak256("six"));
    }

    function testPermissionsAreOfOneLog() public {
        VM.prank(ALICE);
        bytes32 other = book.register(keccak256("other"));
        _setPublisher(ALICE, BOB, true);
        eq(book.mayPublish(other, BOB), false, "other log");
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotPublisher.selector, other, BOB));
        VM.prank(BOB);
        book.anchor(other, 1, 0);
    }

    function testPublishersCannotRule() public {
        _setPublisher(ALICE, BOB, true);
        bytes memory reason = abi.encodeWithSelector(Anchor.NotOwner.selector, id, BOB);
        VM.expectRevert(reason);
        _setPublisher(BOB, CAROL, true);
        VM.expectRevert(reason);
        _propose(BOB, BOB);
    }

    function testHandoverTakesTwoSteps() public {
        VM.expectEmit(true, true, false, true);
        emit Anchor.OwnerProposed(id, BOB);
        _propose(ALICE, BOB);
        eq(book.proposedOwner(id), BOB, "proposed");
        _anchor(ALICE, 1, keccak256("still mine"));
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotPublisher.selector, id, BOB));
        _anchor(BOB, 2, keccak256("not yet"));
        VM.expectEmit(true, true, true, true);
        emit Anchor.OwnerChanged(id, ALICE, BOB);
        _accept(BOB);
        eq(book.proposedOwner(id), address(0), "offer used up");
        _head(id, BOB, 1, 1_700_000_000, keccak256("still mine"));
        _anchor(BOB, 2, keccak256("mine now"));
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotPublisher.selector, id, ALICE));
        _anchor(ALICE, 3, keccak256("no longer"));
    }

    function testFuzzOnlyTheProposedMayAccept(address other) public {
        VM.assume(other != BOB);
        _propose(ALICE, BOB);
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotProposed.selector, id, other));
        _accept(other);
    }

    function testAnOfferCanBeWithdrawnAndUsedOnce() public {
        _propose(ALICE, BOB);
        _propose(ALICE, address(0));
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotProposed.selector, id, BOB));
        _accept(BOB);
        _handOver(ALICE, BOB);
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotProposed.selector, id, BOB));
        _accept(BOB);
    }

    function testPermissionsEndWithTheOwnersTerm() public {
        _setPublisher(ALICE, CAROL, true);
        _handOver(ALICE, BOB);
        eq(book.mayPublish(id, CAROL), false, "new term");
        VM.expectRevert(abi.encodeWithSelector(Anchor.NotPublisher.selector, id, CAROL));
        _anchor(CAROL, 1, 0);
        _handOver(BOB, ALICE);
        eq(book.mayPublish(id, CAROL), false, "the old permission does not come back");
        _setPublisher(ALICE, CAROL, true);
        eq(book.mayPublish(id, CAROL), true, "granted anew");
    }

    function testNoEtherIsTaken() public {
        (bool done,) = address(book).call{value: 1}("");
        eq(done, false, "plain transfer");
        (done,) = address(book).call{value: 1}(abi.encodeCall(Anchor.register, (SALT)));
        eq(done, false, "with a call");
    }

    function _anchor(address sender, uint48 size, bytes32 root) private {
        VM.prank(sender);
        book.anchor(id, size, root);
    }

    function _setPublisher(address sender, address publisher, bool allowed) private {
        VM.prank(sender);
        book.setPublisher(id, publisher, allowed);
    }

    function _propose(address sender, address proposed) private {
        VM.prank(sender);
        book.proposeOwner(id, proposed);
    }

    function _accept(address sender) private {
        VM.prank(sender);
        book.acceptOwner(id);
    }

    function _handOver(address from, address to) private {
        _propose(from, to);
        _accept(to);
    }

    function _head(bytes32 log, address owner, uint48 size, uint48 time, bytes32 root) private view {
        (address gotOwner, uint48 gotSize, uint48 gotTime, bytes32 gotRoot) = book.head(log);
        eq(gotOwner, owner, "owner");
        eq(gotSize, size, "size");
        eq(gotTime, time, "time");
        eq(gotRoot, root, "root");
    }
}
