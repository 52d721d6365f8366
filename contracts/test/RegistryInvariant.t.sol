// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {AssetTokens} from "../src/AssetTokens.sol";
import {Registry} from "../src/Registry.sol";
import {Base} from "./Base.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @dev Drives the registry with random senders and values beside a plain model of the rules: every call must
/// succeed exactly when the model says so.
contract RegistryHandler is Base {
    struct Expected {
        address owner;
        address approved;
        uint256 versions;
        address receiver;
        uint256 rate;
    }

    Registry public immutable BOOK;
    address[4] public actors = [address(0xa1), address(0xa2), address(0xa3), address(0xa4)];
    uint256[] public ids;
    uint256 public accepted;
    uint256 public refused;
    mapping(uint256 id => Expected) public expected;

    constructor() {
        BOOK = new Registry();
        for (uint256 i = 0; i < 3; ++i) {
            register(i, uint8(i + 1), i, bytes32(uint256(1)));
        }
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function register(uint256 actor, uint8 kind, uint256 salt, bytes32 digest) public {
        address sender = actors[actor % 4];
        (kind, salt) = (kind % 6, salt % 2);
        uint256 id = uint256(keccak256(abi.encode(sender, uint256(kind), bytes32(salt))));
        bool valid = expected[id].owner == address(0) && kind > 0 && kind < 5 && digest != 0;
        _call(sender, valid, abi.encodeCall(Registry.register, (kind, bytes32(salt), digest, bytes32(salt))));
        if (!valid) return;
        (expected[id].owner, expected[id].versions) = (sender, 1);
        ids.push(id);
    }

    function publish(uint256 actor, uint256 asset, bytes32 digest) external {
        (address sender, uint256 id) = _pick(actor, asset);
        bool valid = mayAct(id, sender) && digest != 0;
        _call(sender, valid, abi.encodeCall(AssetTokens.publish, (id, digest, 0)));
        if (valid) ++expected[id].versions;
    }

    function approve(uint256 actor, uint256 asset, uint256 whom) external {
        (address sender, uint256 id) = _pick(actor, asset);
        bool valid = sender == expected[id].owner;
        _call(sender, valid, abi.encodeCall(IERC721.approve, (actors[whom % 4], id)));
        if (valid) expected[id].approved = actors[whom % 4];
    }

    function transfer(uint256 actor, uint256 asset, uint256 whom) external {
        (address sender, uint256 id) = _pick(actor, asset);
        (address from, address to) = (expected[id].owner, actors[whom % 4]);
        bool valid = mayAct(id, sender);
        _call(sender, valid, abi.encodeCall(IERC721.transferFrom, (from, to, id)));
        if (!valid) return;
        (expected[id].owner, expected[id].approved) = (to, address(0));
        if (expected[id].receiver == address(0)) (expected[id].receiver, expected[id].rate) = (from, 250);
    }

    function setRoyalty(uint256 actor, uint256 asset, uint256 whom, uint96 rate) external {
        (address sender, uint256 id) = _pick(actor, asset);
        Expected storage state = expected[id];
        if (actor % 4 == 2 && state.receiver != address(0)) sender = state.receiver;
        rate %= 3_000;
        bool fixedBefore = state.receiver != address(0);
        bool valid = sender == (fixedBefore ? state.receiver : state.owner);
        valid = valid && rate <= (fixedBefore ? state.rate : 2_500);
        _call(sender, valid, abi.encodeCall(AssetTokens.setRoyalty, (id, actors[whom % 4], rate)));
        if (valid) (state.receiver, state.rate) = (actors[whom % 4], rate);
    }

    function mayAct(uint256 id, address sender) public view returns (bool) {
        return sender == expected[id].owner || sender == expected[id].approved;
    }

    /// @dev Half of the calls come from the asset's owner, else little would succeed.
    function _pick(uint256 actor, uint256 asset) private view returns (address sender, uint256 id) {
        id = ids[asset % ids.length];
        sender = actor % 4 < 2 ? expected[id].owner : actors[(actor >> 2) % 4];
    }

    function _call(address sender, bool valid, bytes memory data) private {
        VM.prank(sender);
        (bool done,) = address(BOOK).call(data);
        eq(done, valid, "the contract and the model disagree");
        if (done) ++accepted;
        else ++refused;
    }
}

/// @dev After any sequence of calls the registry holds exactly what the model holds.
contract RegistryInvariantTest is Base {
    RegistryHandler internal handler;
    mapping(uint256 id => uint256 versions) private _most;

    function setUp() public {
        handler = new RegistryHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariantStateEqualsTheModel() public view {
        Registry book = handler.BOOK();
        uint256[4] memory owned;
        for (uint256 i = 0; i < handler.count(); ++i) {
            uint256 id = handler.ids(i);
            (address owner, address approved, uint256 versions, address receiver, uint256 rate) =
                handler.expected(id);
            eq(book.ownerOf(id), owner, "owner");
            eq(book.getApproved(id), approved, "approved");
            eq(book.versions(id), versions, "versions");
            if (receiver == address(0)) (receiver, rate) = (owner, 250);
            (address paid, uint256 amount) = book.royaltyInfo(id, 10_000);
            eq(paid, receiver, "receiver");
            eq(amount, rate, "rate");
            for (uint256 a = 0; a < 4; ++a) {
                if (handler.actors(a) == owner) ++owned[a];
            }
        }
        for (uint256 a = 0; a < 4; ++a) {
            eq(book.balanceOf(handler.actors(a)), owned[a], "balance");
        }
    }

    function invariantVersionsNeverShrink() public {
        for (uint256 i = 0; i < handler.count(); ++i) {
            uint256 id = handler.ids(i);
            uint256 versions = handler.BOOK().versions(id);
            require(versions >= _most[id], "a version vanished");
            _most[id] = versions;
        }
    }

    function invariantNoEtherIsHeld() public view {
        eq(address(handler.BOOK()).balance, 0, "balance");
    }

    function afterInvariant() public view {
        require(handler.accepted() > 3, "the handler only produced refused calls");
        require(handler.refused() > 0, "the handler only produced accepted calls");
    }
}
