// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {AssetTokens} from "./AssetTokens.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title Registry: who owns a dataset, a model, a work or an agent, which versions it has, under which terms.
/// @notice An asset's id follows from who registers it, its kind and a salt, so that nobody can take an id in
/// advance. The registry stores owners and numbers of versions; digests stand in events.
/// @dev Immutable, without administrator, upgrade path or value transfer. Unaudited.
contract Registry is AssetTokens {
    /// @notice Kinds of assets: 1 dataset, 2 model, 3 work, 4 agent.
    uint8 public constant LAST_KIND = 4;

    /// @notice An asset exists from now on; `id` is `assetId(registrant, kind, salt)`.
    event AssetRegistered(uint256 indexed id, address indexed registrant, uint8 indexed kind, bytes32 salt);

    /// @notice This sender registered this kind and salt before.
    error AlreadyRegistered(uint256 id);
    /// @notice Kinds count from 1 to LAST_KIND.
    error UnknownKind(uint8 kind);

    constructor() ERC721("Diptych Registry", "DIPTYCH") {}

    /// @notice Register an asset with its first version; the sender owns it.
    /// @param kind of the asset.
    /// @param salt chosen by the sender, one per asset.
    /// @param digest of the first version, for example the id of its logged record.
    /// @param terms digest of the licence document, zero if there is none.
    /// @return id of the asset.
    function register(uint8 kind, bytes32 salt, bytes32 digest, bytes32 terms) external returns (uint256 id) {
        return _register(kind, salt, digest, terms);
    }

    /// @notice Register many assets of one kind.
    /// @param kind of all of them.
    /// @param salts one per asset.
    /// @param digests one for each.
    /// @param terms one for each.
    function registerMany(
        uint8 kind,
        bytes32[] calldata salts,
        bytes32[] calldata digests,
        bytes32[] calldata terms
    ) external {
        if (salts.length == 0 || salts.length != digests.length || salts.length != terms.length) revert BadBatch();
        for (uint256 i = 0; i < salts.length; ++i) {
            _register(kind, salts[i], digests[i], terms[i]);
        }
    }

    /// @notice The id of the asset that `registrant` registers with this kind and salt.
    function assetId(address registrant, uint8 kind, bytes32 salt) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(registrant, kind, salt)));
    }

    function _register(uint8 kind, bytes32 salt, bytes32 digest, bytes32 terms) private returns (uint256 id) {
        if (kind == 0 || kind > LAST_KIND) revert UnknownKind(kind);
        id = assetId(msg.sender, kind, salt);
        if (_ownerOf(id) != address(0)) revert AlreadyRegistered(id);
        emit AssetRegistered(id, msg.sender, kind, salt);
        _create(msg.sender, id, digest, terms);
    }
}
