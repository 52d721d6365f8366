// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {AssetTokens} from "../src/AssetTokens.sol";
import {Identity} from "../src/Identity.sol";
import {Base} from "./Base.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

interface Signing {
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
}

contract IdentityTest is Base {
    address internal constant ANN = address(0xa11);
    address internal constant EVE = address(0xe7e);
    uint256 internal constant KEY = 0xB0B;
    string internal constant URI = "ipfs://agent";

    Identity internal book;
    uint256 internal id;

    function setUp() public {
        VM.warp(1_800_000_000);
        book = new Identity();
        VM.prank(ANN);
        id = book.register(URI);
    }

    function testAnAgentRegistersInThreeWays() public {
        eq(book.ownerOf(id), ANN, "owner");
        eq(id, 0, "ids count from zero");
        eq(keccak256(bytes(book.tokenURI(id))), keccak256(bytes(URI)), "URI");
        VM.expectEmit(true, true, true, true);
        emit Identity.Registered(1, "", EVE);
        VM.prank(EVE);
        eq(book.register(), 1, "without URI");
        Identity.MetadataEntry[] memory entries = new Identity.MetadataEntry[](1);
        entries[0] = Identity.MetadataEntry("colour", "red");
        VM.prank(EVE);
        uint256 third = book.register(URI, entries);
        eq(keccak256(book.getMetadata(third, "colour")), keccak256("red"), "metadata");
    }

    function testAnAgentHasVersionsAndRoyaltyLikeAnyAsset() public {
        eq(book.versions(id), 1, "first");
        VM.prank(ANN);
        eq(book.publish(id, keccak256("2"), 0), 2, "second");
        (address receiver, uint256 amount) = book.royaltyInfo(id, 10_000);
        eq(receiver, ANN, "receiver");
        eq(amount, 250, "amount");
    }

    function testOnlyTheOwnerOrTheApprovedSpeaksForAnAgent() public {
        bytes memory refused = abi.encodeWithSelector(AssetTokens.NotAuthorized.selector, id, EVE);
        VM.prank(EVE);
        VM.expectRevert(refused);
        book.setAgentURI(id, "x");
        VM.prank(EVE);
        VM.expectRevert(refused);
        book.setMetadata(id, "k", "v");
        VM.prank(EVE);
        VM.expectRevert(refused);
        book.unsetAgentWallet(id);
        eq(book.isAuthorizedOrOwner(EVE, id), false, "stranger");
        VM.prank(ANN);
        book.approve(EVE, id);
        eq(book.isAuthorizedOrOwner(EVE, id), true, "approved");
        VM.expectEmit(true, true, true, true);
        emit Identity.URIUpdated(id, "x", EVE);
        VM.prank(EVE);
        book.setAgentURI(id, "x");
    }

    function testMetadataIsKeptAndTheWalletsKeyReserved() public {
        VM.prank(ANN);
        book.setMetadata(id, "k", "v");
        eq(keccak256(book.getMetadata(id, "k")), keccak256("v"), "kept");
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(Identity.ReservedKey.selector));
        book.setMetadata(id, "agentWallet", "v");
    }

    function testTheWalletIsTheOwnerUntilItIsSetUnsetOrSold() public {
        eq(book.getAgentWallet(id), ANN, "owner at first");
        eq(keccak256(book.getMetadata(id, "agentWallet")), keccak256(abi.encodePacked(ANN)), "as metadata");
        address wallet = VM.addr(KEY);
        VM.prank(ANN);
        book.setAgentWallet(id, wallet, block.timestamp + 60, _signed(wallet, block.timestamp + 60, ANN));
        eq(book.getAgentWallet(id), wallet, "set");
        VM.prank(ANN);
        book.transferFrom(ANN, EVE, id);
        eq(book.getAgentWallet(id), address(0), "sold");
        eq(book.getMetadata(id, "agentWallet").length, 0, "no metadata");
    }

    function testAWalletMustSignInTimeForThisOwner() public {
        address wallet = VM.addr(KEY);
        uint256 deadline = block.timestamp + 60;
        bytes memory forOther = _signed(wallet, deadline, EVE);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(Identity.BadWalletSignature.selector, wallet));
        book.setAgentWallet(id, wallet, deadline, forOther);
        bytes memory good = _signed(wallet, deadline, ANN);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(Identity.BadWalletSignature.selector, EVE));
        book.setAgentWallet(id, EVE, deadline, good);
        VM.warp(deadline + 1);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(Identity.BadDeadline.selector, deadline));
        book.setAgentWallet(id, wallet, deadline, good);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(Identity.BadDeadline.selector, block.timestamp + 301));
        book.setAgentWallet(id, wallet, block.timestamp + 301, good);
    }

    function testUnknownAgentsAreRefused() public {
        bytes memory unknown = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 9);
        VM.expectRevert(unknown);
        book.tokenURI(9);
        VM.expectRevert(unknown);
        book.getAgentWallet(9);
    }

    function testFuzzIdsCountUp(uint8 more) public {
        for (uint256 i = 0; i < more % 16; ++i) {
            eq(book.register(), i + 1, "next");
        }
    }

    function _signed(address wallet, uint256 deadline, address owner) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("ERC8004IdentityRegistry"),
                keccak256("1"),
                block.chainid,
                address(book)
            )
        );
        bytes32 asked = keccak256(
            abi.encode(
                keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"),
                id,
                wallet,
                owner,
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domain, asked));
        (uint8 v, bytes32 r, bytes32 s) = Signing(address(VM)).sign(KEY, digest);
        return abi.encodePacked(r, s, v);
    }
}
