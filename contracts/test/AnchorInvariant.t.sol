// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {Anchor} from "../src/Anchor.sol";
import {Base} from "./Base.sol";

/// @dev Drives the contract with random senders, logs and values beside a plain model of the rules: every call
/// must succeed exactly when the model says so.
contract AnchorHandler is Base {
    struct Expected {
        address owner;
        address proposed;
        uint48 size;
        uint48 time;
        bytes32 root;
        uint256 term;
    }

    Anchor public immutable BOOK;
    address[4] public actors = [address(0xa1), address(0xa2), address(0xa3), address(0xa4)];
    bytes32[] public ids;
    uint256 public accepted;
    uint256 public refused;
    mapping(bytes32 id => Expected) public expected;
    mapping(bytes32 id => mapping(uint256 term => mapping(address publisher => bool))) public allowed;
    uint256 private _time = 1_700_000_000;

    constructor() {
        BOOK = new Anchor();
        for (uint256 i = 0; i < 3; ++i) {
            register(i, i);
        }
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    function register(uint256 actor, uint256 salt) public {
        address sender = actors[actor % 4];
        salt %= 3;
        bytes32 id = keccak256(abi.encode(sender, bytes32(salt)));
        bool fresh = expected[id].owner == address(0);
        _call(sender, fresh, abi.encodeCall(Anchor.register, (bytes32(salt))));
        if (fresh) {
            expected[id].owner = sender;
            ids.push(id);
        }
    }

    function anchor(uint256 actor, uint256 log, uint48 size, bytes32 root, uint32 later) external {
        (address sender, bytes32 id) = _pick(actor, log);
        Expected storage state = expected[id];
        // Mostly small steps, some of them backwards, so that both verdicts are common.
        size = uint48(bound(size, state.size < 2 ? 0 : state.size - 2, uint256(state.size) + 5));
        _time += later % 1_000;
        VM.warp(_time);
        bool valid = mayPublish(id, sender) && size > state.size;
        _call(sender, valid, abi.encodeCall(Anchor.anchor, (id, size, root)));
        if (valid) (state.size, state.time, state.root) = (size, uint48(_time), root);
    }

    function setPublisher(uint256 actor, uint256 log, uint256 publisher, bool allow) external {
        (address sender, bytes32 id) = _pick(actor, log);
        bool valid = expected[id].owner == sender;
        address whom = actors[publisher % 4];
        _call(sender, valid, abi.encodeCall(Anchor.setPublisher, (id, whom, allow)));
        if (valid) allowed[id][expected[id].term][whom] = allow;
    }

    function proposeOwner(uint256 actor, uint256 log, uint256 proposed) external {
        (address sender, bytes32 id) = _pick(actor, log);
        bool valid = expected[id].owner == sender;
        address whom = proposed % 5 == 4 ? address(0) : actors[proposed % 5];
        _call(sender, valid, abi.encodeCall(Anchor.proposeOwner, (id, whom)));
        if (valid) expected[id].proposed = whom;
    }

    function acceptOwner(uint256 actor, uint256 log) external {
        (address sender, bytes32 id) = _pick(actor, log);
        bool valid = expected[id].proposed == sender;
        _call(sender, valid, abi.encodeCall(Anchor.acceptOwner, (id)));
        if (valid) {
            (expected[id].owner, expected[id].proposed) = (sender, address(0));
            ++expected[id].term;
        }
    }

    function mayPublish(bytes32 id, address sender) public view returns (bool) {
        return expected[id].owner == sender || allowed[id][expected[id].term][sender];
    }

    /// @dev Half of the calls come from the log's owner or proposed owner, else little would succeed.
    function _pick(uint256 actor, uint256 log) private view returns (address sender, bytes32 id) {
        id = ids[log % ids.length];
        sender = actors[(actor >> 2) % 4];
        if (actor % 4 == 0) sender = expected[id].owner;
        if (actor % 4 == 1 && expected[id].proposed != address(0)) sender = expected[id].proposed;
    }

    function _call(address sender, bool valid, bytes memory data) private {
        VM.prank(sender);
        (bool done,) = address(BOOK).call(data);
        eq(done, valid, "the contract and the model disagree");
        if (done) ++accepted;
        else ++refused;
    }
}

/// @dev After any sequence of calls the contract holds exactly what the model holds, and sizes never shrink.
contract AnchorInvariantTest is Base {
    AnchorHandler internal handler;
    mapping(bytes32 id => uint48 size) private _largest;

    function setUp() public {
        handler = new AnchorHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariantStateEqualsTheModel() public view {
        Anchor book = handler.BOOK();
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.ids(i);
            (address owner, uint48 size, uint48 time, bytes32 root) = book.head(id);
            (address o, address proposed, uint48 s, uint48 t, bytes32 r,) = handler.expected(id);
            eq(owner, o, "owner");
            eq(size, s, "size");
            eq(time, t, "time");
            eq(root, r, "root");
            eq(book.proposedOwner(id), proposed, "proposed");
            for (uint256 actor = 0; actor < 4; ++actor) {
                address whom = handler.actors(actor);
                eq(book.mayPublish(id, whom), handler.mayPublish(id, whom), "mayPublish");
            }
        }
    }

    function invariantSizesNeverShrink() public {
        Anchor book = handler.BOOK();
        for (uint256 i = 0; i < handler.count(); ++i) {
            bytes32 id = handler.ids(i);
            (, uint48 size,,) = book.head(id);
            require(size >= _largest[id], "a log shrank");
            _largest[id] = size;
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
