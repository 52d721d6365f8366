// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {AssetTokens} from "./AssetTokens.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Identity: the same tokens behind the identity interface of ERC-8004 (Draft), for agents.
/// @notice An agent registers with the URI of its registration file. Its versions and royalty work as for any
/// other asset; the first version's digest is that of the URI.
/// @dev https://eips.ethereum.org/EIPS/eip-8004. Immutable, without administrator. Unaudited.
contract Identity is AssetTokens {
    /// @dev The names of the members follow the standard.
    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    /// @notice Longest time from now at which a wallet's signature may end, in seconds.
    uint256 public constant MAX_DEADLINE_DELAY = 300;

    bytes32 private constant WALLET_TYPE =
        keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)");
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant DOMAIN_NAME = keccak256("ERC8004IdentityRegistry");
    bytes32 private constant DOMAIN_VERSION = keccak256("1");
    bytes32 private constant WALLET_KEY = keccak256("agentWallet");
    /// @dev Stored for an agent without wallet; zero means the owner, as after registration.
    address private constant NO_WALLET = address(1);

    uint256 private _agents;
    mapping(uint256 agentId => string uri) private _uris;
    mapping(uint256 agentId => address wallet) private _wallets;
    mapping(uint256 agentId => mapping(string key => bytes value)) private _metadata;

    /// @notice An agent exists from now on (ERC-8004).
    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);
    /// @notice An agent's registration file stands elsewhere (ERC-8004).
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);
    /// @notice Something is said of an agent on chain (ERC-8004).
    event MetadataSet(
        uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue
    );

    /// @notice `agentWallet` is set by setAgentWallet only.
    error ReservedKey();
    /// @notice The deadline has passed, or lies too far ahead.
    error BadDeadline(uint256 deadline);
    /// @notice The new wallet did not sign.
    error BadWalletSignature(address wallet);

    constructor() ERC721("Diptych Agents", "AGENT") {}

    /// @notice Register an agent without a registration file.
    function register() external returns (uint256 agentId) {
        return _register("", new MetadataEntry[](0));
    }

    /// @notice Register an agent.
    function register(string calldata agentURI) external returns (uint256 agentId) {
        return _register(agentURI, new MetadataEntry[](0));
    }

    /// @notice Register an agent with metadata.
    function register(string calldata agentURI, MetadataEntry[] calldata metadata)
        external
        returns (uint256 agentId)
    {
        return _register(agentURI, metadata);
    }

    /// @notice Move an agent's registration file.
    function setAgentURI(uint256 agentId, string calldata newURI) external {
        _requireAuthorized(agentId);
        _uris[agentId] = newURI;
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    /// @notice Say something of an agent on chain.
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue)
        external
    {
        _requireAuthorized(agentId);
        _setMetadata(agentId, metadataKey, metadataValue);
    }

    /// @notice Let an agent be paid at a wallet that signs for it (EIP-712, ERC-1271).
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature)
        external
    {
        _requireAuthorized(agentId);
        // A validator can shift this by seconds only.
        // forge-lint: disable-next-line(block-timestamp)
        if (deadline < block.timestamp || deadline > block.timestamp + MAX_DEADLINE_DELAY) {
            revert BadDeadline(deadline);
        }
        bytes32 asked = keccak256(abi.encode(WALLET_TYPE, agentId, newWallet, ownerOf(agentId), deadline));
        if (!SignatureChecker.isValidSignatureNow(
                newWallet, MessageHashUtils.toTypedDataHash(_domain(), asked), signature
            )) {
            revert BadWalletSignature(newWallet);
        }
        _wallets[agentId] = newWallet;
        emit MetadataSet(agentId, "agentWallet", "agentWallet", abi.encodePacked(newWallet));
    }

    /// @notice Leave an agent without wallet.
    function unsetAgentWallet(uint256 agentId) external {
        _requireAuthorized(agentId);
        _clearWallet(agentId);
    }

    /// @notice Where an agent is paid: its owner at first, nobody after a transfer until a wallet is set.
    function getAgentWallet(uint256 agentId) public view returns (address) {
        address owner = _requireOwned(agentId);
        address wallet = _wallets[agentId];
        if (wallet == NO_WALLET) return address(0);
        return wallet == address(0) ? owner : wallet;
    }

    /// @notice What was said of an agent.
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory) {
        if (keccak256(bytes(metadataKey)) != WALLET_KEY) return _metadata[agentId][metadataKey];
        address wallet = getAgentWallet(agentId);
        return wallet == address(0) ? bytes("") : abi.encodePacked(wallet);
    }

    /// @notice Whether somebody owns an agent or may act for its owner.
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return _isAuthorized(_requireOwned(agentId), spender, agentId);
    }

    /// @notice Where an agent's registration file stands (ERC-721 metadata).
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        return _uris[tokenId];
    }

    function _register(string memory agentURI, MetadataEntry[] memory metadata)
        private
        returns (uint256 agentId)
    {
        agentId = _agents++;
        _create(msg.sender, agentId, keccak256(bytes(agentURI)), 0);
        if (bytes(agentURI).length != 0) _uris[agentId] = agentURI;
        emit Registered(agentId, agentURI, msg.sender);
        for (uint256 i = 0; i < metadata.length; ++i) {
            _setMetadata(agentId, metadata[i].metadataKey, metadata[i].metadataValue);
        }
    }

    function _setMetadata(uint256 agentId, string memory key, bytes memory value) private {
        if (keccak256(bytes(key)) == WALLET_KEY) revert ReservedKey();
        _metadata[agentId][key] = value;
        emit MetadataSet(agentId, key, key, value);
    }

    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        from = super._update(to, tokenId, auth);
        if (from != address(0)) _clearWallet(tokenId);
    }

    /// @dev Computed each time: immutables would give each deployment other code than was released.
    function _domain() private view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, block.chainid, address(this)));
    }

    function _clearWallet(uint256 agentId) private {
        _wallets[agentId] = NO_WALLET;
        emit MetadataSet(agentId, "agentWallet", "agentWallet", "");
    }
}
