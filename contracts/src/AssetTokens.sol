// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title AssetTokens: one ERC-721 token per asset, its versions as events, its royalty by ERC-2981.
/// @notice A version is an event with two digests: the logged record and the terms of use. Nobody but the
/// owner, or whom the owner approved, adds one. Whoever owned the token first earns the royalty.
/// @dev Immutable, without administrator, upgrade path or value transfer. Unaudited.
abstract contract AssetTokens is ERC721, ERC2981 {
    /// @notice Royalty of a token that nobody set one for, in basis points: 2.5 %.
    uint96 public constant DEFAULT_ROYALTY = 250;
    /// @notice Largest royalty, in basis points: 25 %.
    uint96 public constant MAX_ROYALTY = 2_500;

    /// @dev Versions beyond the first, so that a first version writes no slot for its number.
    mapping(uint256 id => uint256 further) private _further;

    /// @notice The asset has this version from now on.
    event Published(uint256 indexed id, bytes32 indexed digest, uint256 version, bytes32 terms);
    /// @notice The asset earns this royalty, in basis points of a sale price.
    event RoyaltySet(uint256 indexed id, address indexed receiver, uint256 basisPoints);

    /// @notice A version needs a digest.
    error EmptyDigest();
    /// @notice Neither owner of the asset nor approved by the owner.
    error NotAuthorized(uint256 id, address sender);
    /// @notice The lists of a batch differ in length, or are empty.
    error BadBatch();
    /// @notice Only who receives the royalty now may change it.
    error NotRoyaltyReceiver(uint256 id, address sender);
    /// @notice A royalty may not exceed the maximum, and once set may not rise.
    error RoyaltyTooHigh(uint256 id, uint256 basisPoints, uint256 limit);

    /// @notice Add a version to an asset.
    /// @param id the asset.
    /// @param digest of the version, for example the id of its logged record.
    /// @param terms digest of the licence document, zero if there is none.
    /// @return version counts from 1.
    function publish(uint256 id, bytes32 digest, bytes32 terms) external returns (uint256 version) {
        return _publish(id, digest, terms);
    }

    /// @notice Add versions to many assets.
    /// @param ids the assets; one of them may occur several times.
    /// @param digests one for each.
    /// @param terms one for each.
    function publishMany(uint256[] calldata ids, bytes32[] calldata digests, bytes32[] calldata terms)
        external
    {
        if (ids.length == 0 || ids.length != digests.length || ids.length != terms.length) revert BadBatch();
        for (uint256 i = 0; i < ids.length; ++i) {
            _publish(ids[i], digests[i], terms[i]);
        }
    }

    /// @notice Say who earns the royalty and how much; once set it can move and fall, never rise.
    /// @param id the asset.
    /// @param receiver who is paid.
    /// @param basisPoints of the sale price.
    function setRoyalty(uint256 id, address receiver, uint96 basisPoints) external {
        address owner = _requireOwned(id);
        (address current, uint256 rate) = super.royaltyInfo(id, _feeDenominator());
        if (msg.sender != (current == address(0) ? owner : current)) {
            revert NotRoyaltyReceiver(id, msg.sender);
        }
        uint256 limit = current == address(0) ? MAX_ROYALTY : rate;
        if (basisPoints > limit) revert RoyaltyTooHigh(id, basisPoints, limit);
        _fixRoyalty(id, receiver, basisPoints);
    }

    /// @notice Who is to be paid what of a sale (ERC-2981); by default the first owner at the default rate.
    function royaltyInfo(uint256 tokenId, uint256 salePrice)
        public
        view
        override
        returns (address receiver, uint256 amount)
    {
        (receiver, amount) = super.royaltyInfo(tokenId, salePrice);
        if (receiver != address(0)) return (receiver, amount);
        receiver = _ownerOf(tokenId);
        amount = receiver == address(0) ? 0 : salePrice * DEFAULT_ROYALTY / _feeDenominator();
    }

    /// @notice How many versions an asset has; zero if it does not exist.
    function versions(uint256 id) public view returns (uint256) {
        return _ownerOf(id) == address(0) ? 0 : _further[id] + 1;
    }

    /// @notice Whether an interface is supported (ERC-165).
    function supportsInterface(bytes4 interfaceId)
        public
        view
        virtual
        override(ERC721, ERC2981)
        returns (bool)
    {
        return super.supportsInterface(interfaceId);
    }

    /// @dev Create an asset with its first version. No call goes to the new owner: who registers from a
    /// contract is taken to know what it does.
    function _create(address owner, uint256 id, bytes32 digest, bytes32 terms) internal {
        if (digest == 0) revert EmptyDigest();
        _mint(owner, id);
        emit Published(id, digest, 1, terms);
    }

    /// @dev On the first transfer the first owner becomes the receiver for good.
    function _update(address to, uint256 tokenId, address auth)
        internal
        virtual
        override
        returns (address from)
    {
        from = super._update(to, tokenId, auth);
        if (from == address(0)) return from;
        (address receiver,) = super.royaltyInfo(tokenId, 0);
        if (receiver == address(0)) _fixRoyalty(tokenId, from, DEFAULT_ROYALTY);
    }

    function _requireAuthorized(uint256 id) internal view {
        address owner = _requireOwned(id);
        if (!_isAuthorized(owner, msg.sender, id)) revert NotAuthorized(id, msg.sender);
    }

    function _publish(uint256 id, bytes32 digest, bytes32 terms) private returns (uint256 version) {
        _requireAuthorized(id);
        if (digest == 0) revert EmptyDigest();
        version = ++_further[id] + 1;
        emit Published(id, digest, version, terms);
    }

    function _fixRoyalty(uint256 id, address receiver, uint96 basisPoints) private {
        _setTokenRoyalty(id, receiver, basisPoints);
        emit RoyaltySet(id, receiver, basisPoints);
    }
}
