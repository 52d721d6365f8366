// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {Rfc9162} from "./Rfc9162.sol";

/// @title Anchor: the newest tree head of each transparency log, witnessed by a chain.
/// @notice One transaction covers any number of records. Growth is checked here; that a larger tree contains
/// the smaller one is proven by consistency proofs off chain, never by this contract.
/// @dev Immutable, without administrator, upgrade path, value transfer or external call. Unaudited.
contract Anchor {
    /// @dev Two slots: owner, size and time share the first, so that a steady update writes exactly two.
    struct Head {
        address owner;
        uint48 size;
        uint48 time;
        bytes32 root;
    }

    /// @dev `term` counts owners; it is part of every permission, so that a change of owner ends them all.
    struct Succession {
        address proposed;
        uint96 term;
    }

    mapping(bytes32 id => Head) private _heads;
    mapping(bytes32 id => Succession) private _successions;
    mapping(bytes32 id => mapping(uint96 term => mapping(address publisher => bool))) private _publishers;

    /// @notice A log exists from now on; `id` is `logId(owner, salt)`.
    event Registered(bytes32 indexed id, address indexed owner, bytes32 salt);
    /// @notice The log's newest tree head has this size and root.
    event Anchored(bytes32 indexed id, uint48 size, bytes32 root);
    /// @notice The owner offers the log to `proposed`; the zero address withdraws the offer.
    event OwnerProposed(bytes32 indexed id, address indexed proposed);
    /// @notice The log changed hands; all publishers of the previous owner lost their permission.
    event OwnerChanged(bytes32 indexed id, address indexed previous, address indexed owner);
    /// @notice The owner granted or withdrew the right to publish.
    event PublisherSet(bytes32 indexed id, address indexed publisher, bool allowed);

    /// @notice This sender registered this salt before.
    error AlreadyRegistered(bytes32 id);
    /// @notice No log has this id.
    error UnknownLog(bytes32 id);
    /// @notice Only the log's owner may do this.
    error NotOwner(bytes32 id, address sender);
    /// @notice The sender is neither the owner nor an allowed publisher.
    error NotPublisher(bytes32 id, address sender);
    /// @notice The log was not offered to the sender.
    error NotProposed(bytes32 id, address sender);
    /// @notice A tree head must be larger than the one before.
    error SizeMustGrow(uint48 size, uint48 current);

    /// @notice Create a log owned by the sender.
    /// @param salt chosen by the sender; the id depends on both, so nobody can take an id in advance.
    /// @return id the log's id on this contract.
    function register(bytes32 salt) external returns (bytes32 id) {
        id = logId(msg.sender, salt);
        if (_heads[id].owner != address(0)) revert AlreadyRegistered(id);
        _heads[id].owner = msg.sender;
        emit Registered(id, msg.sender, salt);
    }

    /// @notice Record the newest tree head of a log.
    /// @param id the log.
    /// @param size number of leaves, larger than before.
    /// @param root RFC 6962 tree head with SHA-256.
    function anchor(bytes32 id, uint48 size, bytes32 root) external {
        Head storage log = _heads[id];
        address owner = log.owner;
        uint48 current = log.size;
        if (msg.sender != owner) _requirePublisher(id, owner);
        if (size <= current) revert SizeMustGrow(size, current);
        (log.owner, log.size, log.time) = (owner, size, uint48(block.timestamp));
        log.root = root;
        emit Anchored(id, size, root);
    }

    /// @notice Allow or forbid another sender to publish; the permission ends with the owner's term.
    function setPublisher(bytes32 id, address publisher, bool allowed) external {
        _requireOwner(id);
        _publishers[id][_successions[id].term][publisher] = allowed;
        emit PublisherSet(id, publisher, allowed);
    }

    /// @notice Offer the log to a new owner, who must accept; the zero address withdraws the offer.
    function proposeOwner(bytes32 id, address proposed) external {
        _requireOwner(id);
        _successions[id].proposed = proposed;
        emit OwnerProposed(id, proposed);
    }

    /// @notice Take over a log that was offered to the sender.
    function acceptOwner(bytes32 id) external {
        Succession storage succession = _successions[id];
        if (succession.proposed != msg.sender) revert NotProposed(id, msg.sender);
        address previous = _heads[id].owner;
        (succession.proposed, succession.term) = (address(0), succession.term + 1);
        _heads[id].owner = msg.sender;
        emit OwnerChanged(id, previous, msg.sender);
    }

    /// @notice Check that a leaf is in the log as last anchored; reverts if it is not.
    /// @param id the log.
    /// @param leafHash SHA-256(0x00 || entry).
    /// @param index position of the leaf, from 0.
    /// @param proof RFC 9162 section 2.1.3 inclusion path, leaf side first.
    /// @return size the size of the tree that contains the leaf.
    /// @return time when that tree head was anchored, in seconds since the epoch.
    function verifyInclusion(bytes32 id, bytes32 leafHash, uint256 index, bytes32[] calldata proof)
        external
        view
        returns (uint48 size, uint48 time)
    {
        Head storage log = _heads[id];
        address owner = log.owner;
        (size, time) = (log.size, log.time);
        if (owner == address(0)) revert UnknownLog(id);
        Rfc9162.requireIncluded(leafHash, index, size, proof, log.root);
    }

    /// @notice Check that a leaf is in the tree of a given size and root; reverts if it is not.
    function verifyInclusionIn(
        uint256 size,
        bytes32 root,
        bytes32 leafHash,
        uint256 index,
        bytes32[] calldata proof
    ) external view {
        Rfc9162.requireIncluded(leafHash, index, size, proof, root);
    }

    /// @notice The newest tree head; size, time and root are zero until the first anchor.
    function head(bytes32 id) external view returns (address owner, uint48 size, uint48 time, bytes32 root) {
        Head storage log = _heads[id];
        (owner, size, time, root) = (log.owner, log.size, log.time, log.root);
        if (owner == address(0)) revert UnknownLog(id);
    }

    /// @notice The address to which the log is offered, or zero.
    function proposedOwner(bytes32 id) external view returns (address) {
        return _successions[id].proposed;
    }

    /// @notice Whether an address may publish to the log now; the owner always may.
    function mayPublish(bytes32 id, address publisher) external view returns (bool) {
        address owner = _heads[id].owner;
        if (owner == address(0)) return false;
        return publisher == owner || _publishers[id][_successions[id].term][publisher];
    }

    /// @notice The id of the log that `owner` registers with `salt`.
    function logId(address owner, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, salt));
    }

    function _requireOwner(bytes32 id) private view {
        address owner = _heads[id].owner;
        if (owner == address(0)) revert UnknownLog(id);
        if (owner != msg.sender) revert NotOwner(id, msg.sender);
    }

    function _requirePublisher(bytes32 id, address owner) private view {
        if (owner == address(0)) revert UnknownLog(id);
        if (!_publishers[id][_successions[id].term][msg.sender]) revert NotPublisher(id, msg.sender);
    }
}
