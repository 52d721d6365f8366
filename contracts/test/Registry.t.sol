// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {AssetTokens} from "../src/AssetTokens.sol";
import {Registry} from "../src/Registry.sol";
import {Base} from "./Base.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

contract RegistryTest is Base {
    address internal constant ANN = address(0xa11);
    address internal constant BOB = address(0xb0b);
    address internal constant EVE = address(0xe7e);
    bytes32 internal constant SALT = keccak256("salt");
    bytes32 internal constant ONE = keccak256("version 1");
    bytes32 internal constant TERMS = keccak256("terms");

    Registry internal book;
    uint256 internal id;

    function setUp() public {
        book = new Registry();
        VM.prank(ANN);
        id = book.register(2, SALT, ONE, TERMS);
    }

    function testAnAssetBelongsToWhoRegisteredIt() public view {
        eq(book.ownerOf(id), ANN, "owner");
        eq(book.assetId(ANN, 2, SALT), id, "id");
        eq(book.versions(id), 1, "versions");
        eq(book.balanceOf(ANN), 1, "balance");
    }

    function testRegisteringEmitsTheFirstVersion() public {
        uint256 expected = book.assetId(BOB, 1, SALT);
        VM.expectEmit(true, true, true, true);
        emit Registry.AssetRegistered(expected, BOB, 1, SALT);
        VM.expectEmit(true, true, true, true);
        emit AssetTokens.Published(expected, ONE, 1, TERMS);
        VM.prank(BOB);
        book.register(1, SALT, ONE, TERMS);
    }

    function testNobodyTakesAnIdInAdvance() public {
        VM.prank(EVE);
        uint256 other = book.register(2, SALT, ONE, TERMS);
        require(other != id, "the id depends on the sender");
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(Registry.AlreadyRegistered.selector, id));
        book.register(2, SALT, ONE, TERMS);
    }

    function testKindsAndDigestsAreChecked() public {
        VM.expectRevert(abi.encodeWithSelector(Registry.UnknownKind.selector, 0));
        book.register(0, SALT, ONE, TERMS);
        VM.expectRevert(abi.encodeWithSelector(Registry.UnknownKind.selector, 5));
        book.register(5, SALT, ONE, TERMS);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.EmptyDigest.selector));
        book.register(1, SALT, 0, TERMS);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.EmptyDigest.selector));
        book.publish(id, 0, TERMS);
    }

    function testVersionsCountUp() public {
        VM.prank(ANN);
        eq(book.publish(id, keccak256("2"), TERMS), 2, "second");
        VM.expectEmit(true, true, true, true);
        emit AssetTokens.Published(id, keccak256("3"), 3, 0);
        VM.prank(ANN);
        book.publish(id, keccak256("3"), 0);
        eq(book.versions(id), 3, "versions");
    }

    function testOnlyTheOwnerOrWhomTheOwnerApprovedPublishes() public {
        VM.prank(EVE);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.NotAuthorized.selector, id, EVE));
        book.publish(id, ONE, TERMS);
        VM.prank(ANN);
        book.approve(BOB, id);
        VM.prank(BOB);
        eq(book.publish(id, ONE, TERMS), 2, "approved");
        VM.prank(ANN);
        book.transferFrom(ANN, BOB, id);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.NotAuthorized.selector, id, ANN));
        book.publish(id, ONE, TERMS);
    }

    function testAnUnknownAssetHasNothing() public {
        eq(book.versions(7), 0, "versions");
        (address receiver, uint256 amount) = book.royaltyInfo(7, 1 ether);
        eq(receiver, address(0), "receiver");
        eq(amount, 0, "amount");
        VM.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 7));
        book.publish(7, ONE, TERMS);
        VM.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 7));
        book.setRoyalty(7, ANN, 1);
    }

    function testBatchesDoWhatSinglesDo() public {
        (uint256[] memory ids, bytes32[] memory digests, bytes32[] memory terms) = _batch(3);
        bytes32[] memory salts = new bytes32[](3);
        for (uint256 i = 0; i < 3; ++i) {
            salts[i] = bytes32(i + 1);
        }
        VM.prank(ANN);
        book.registerMany(3, salts, digests, terms);
        for (uint256 i = 0; i < 3; ++i) {
            ids[i] = book.assetId(ANN, 3, salts[i]);
            eq(book.ownerOf(ids[i]), ANN, "owner");
        }
        ids[2] = ids[0];
        VM.prank(ANN);
        book.publishMany(ids, digests, terms);
        eq(book.versions(ids[0]), 3, "twice in one batch");
        eq(book.versions(ids[1]), 2, "once");
    }

    function testBatchesMustFitTogether() public {
        (uint256[] memory ids, bytes32[] memory digests, bytes32[] memory terms) = _batch(2);
        bytes memory bad = abi.encodeWithSelector(AssetTokens.BadBatch.selector);
        VM.expectRevert(bad);
        book.publishMany(new uint256[](1), digests, terms);
        VM.expectRevert(bad);
        book.publishMany(ids, digests, new bytes32[](3));
        VM.expectRevert(bad);
        book.publishMany(new uint256[](0), new bytes32[](0), new bytes32[](0));
        VM.expectRevert(bad);
        book.registerMany(1, new bytes32[](1), digests, terms);
        VM.expectRevert(bad);
        book.registerMany(1, new bytes32[](0), new bytes32[](0), new bytes32[](0));
    }

    function testABatchIsAllOrNothing() public {
        (uint256[] memory ids, bytes32[] memory digests, bytes32[] memory terms) = _batch(2);
        (ids[0], ids[1]) = (id, 99);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 99));
        book.publishMany(ids, digests, terms);
        eq(book.versions(id), 1, "versions");
    }

    function testTheFirstOwnerEarnsTheDefaultRoyaltyForGood() public {
        _royalty(ANN, 250);
        VM.prank(ANN);
        book.transferFrom(ANN, BOB, id);
        _royalty(ANN, 250);
        VM.prank(BOB);
        book.transferFrom(BOB, EVE, id);
        _royalty(ANN, 250);
        VM.prank(EVE);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.NotRoyaltyReceiver.selector, id, EVE));
        book.setRoyalty(id, EVE, 0);
    }

    function testARoyaltyMovesAndFallsButNeverRises() public {
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.RoyaltyTooHigh.selector, id, 2_501, 2_500));
        book.setRoyalty(id, ANN, 2_501);
        VM.prank(ANN);
        book.setRoyalty(id, BOB, 2_500);
        _royalty(BOB, 2_500);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.NotRoyaltyReceiver.selector, id, ANN));
        book.setRoyalty(id, ANN, 1);
        VM.prank(BOB);
        book.setRoyalty(id, EVE, 100);
        VM.prank(EVE);
        VM.expectRevert(abi.encodeWithSelector(AssetTokens.RoyaltyTooHigh.selector, id, 101, 100));
        book.setRoyalty(id, EVE, 101);
        VM.prank(EVE);
        book.setRoyalty(id, EVE, 0);
        _royalty(EVE, 0);
    }

    function testInterfacesAreNamed() public view {
        eq(book.supportsInterface(0x01ffc9a7), true, "ERC-165");
        eq(book.supportsInterface(0x80ac58cd), true, "ERC-721");
        eq(book.supportsInterface(0x5b5e139f), true, "ERC-721 metadata");
        eq(book.supportsInterface(0x2a55205a), true, "ERC-2981");
        eq(book.supportsInterface(0xffffffff), false, "nothing");
    }

    function testFuzzRoyaltyNeverExceedsTheMaximum(address receiver, uint96 basisPoints, uint128 price)
        public
    {
        VM.assume(receiver != address(0));
        VM.prank(ANN);
        (bool done,) = address(book).call(abi.encodeCall(AssetTokens.setRoyalty, (id, receiver, basisPoints)));
        eq(done, basisPoints <= book.MAX_ROYALTY(), "set exactly when within the maximum");
        (, uint256 amount) = book.royaltyInfo(id, price);
        require(amount <= uint256(price) * book.MAX_ROYALTY() / 10_000, "too much");
    }

    function testFuzzIdsDependOnEverything(address registrant, uint8 kind, bytes32 salt) public view {
        uint256 found = book.assetId(registrant, kind, salt);
        eq(found, uint256(keccak256(abi.encode(registrant, uint256(kind), salt))), "assetId");
        require(found != book.assetId(registrant, kind ^ 1, salt), "kind");
        require(found != book.assetId(registrant, kind, ~salt), "salt");
    }

    function _batch(uint256 size)
        private
        pure
        returns (uint256[] memory ids, bytes32[] memory digests, bytes32[] memory terms)
    {
        (ids, digests, terms) = (new uint256[](size), new bytes32[](size), new bytes32[](size));
        for (uint256 i = 0; i < size; ++i) {
            digests[i] = keccak256(abi.encode("digest", i));
        }
    }

    function _royalty(address receiver, uint256 basisPoints) private view {
        (address found, uint256 amount) = book.royaltyInfo(id, 10_000 ether);
        eq(found, receiver, "receiver");
        eq(amount, basisPoints * 1 ether, "amount");
    }
}
