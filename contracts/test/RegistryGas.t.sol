// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {Identity} from "../src/Identity.sol";
import {Registry} from "../src/Registry.sol";
import {Base} from "./Base.sol";

/// @dev Gas of whole transactions, kept in snapshots/Registry.json and snapshots/Identity.json.
contract RegistryGasTest is Base {
    address internal constant BOB = address(0xb0b);
    bytes32 internal constant TERMS = keccak256("terms");
    uint256 internal constant BATCH = 50;

    Registry internal book;

    function setUp() public {
        book = new Registry();
    }

    function testGasOfWriting() public {
        uint256 id = book.register(2, keccak256("salt"), keccak256("1"), TERMS);
        uint256 first = VM.snapshotGasLastCall("Registry", "register (first version)");
        require(first <= 120_000, "bar: 120,000 gas for a first version");
        book.register(2, keccak256("other"), keccak256("1"), TERMS);
        VM.snapshotGasLastCall("Registry", "register (owner has others)");
        book.publish(id, keccak256("2"), TERMS);
        uint256 second = VM.snapshotGasLastCall("Registry", "publish (second version)");
        require(second <= 60_000, "bar: 60,000 gas for a further version");
        book.publish(id, keccak256("3"), TERMS);
        VM.snapshotGasLastCall("Registry", "publish (later version)");
        book.setRoyalty(id, BOB, 500);
        VM.snapshotGasLastCall("Registry", "setRoyalty");
        book.transferFrom(address(this), BOB, id);
        VM.snapshotGasLastCall("Registry", "transferFrom");
    }

    function testGasOfBatches() public {
        bytes32[] memory salts = new bytes32[](BATCH);
        bytes32[] memory digests = new bytes32[](BATCH);
        bytes32[] memory terms = new bytes32[](BATCH);
        uint256[] memory ids = new uint256[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            salts[i] = keccak256(abi.encode("salt", i));
            digests[i] = keccak256(abi.encode("digest", i));
            terms[i] = TERMS;
            ids[i] = book.assetId(address(this), 1, salts[i]);
        }
        book.registerMany(1, salts, digests, terms);
        uint256 used = VM.snapshotGasLastCall("Registry", "registerMany (50)");
        require(used <= 40_000 * BATCH, "bar: 40,000 gas each for a batch of 50 first versions");
        book.publishMany(ids, digests, terms);
        used = VM.snapshotGasLastCall("Registry", "publishMany (50 second versions)");
        require(used <= 40_000 * BATCH, "bar: 40,000 gas each for a batch of 50 further versions");
    }

    function testGasOfAgents() public {
        Identity agents = new Identity();
        agents.register("ipfs://first");
        VM.prank(BOB);
        agents.register("ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi");
        VM.snapshotGasLastCall("Identity", "register (66 characters)");
        VM.snapshotValue("Identity", "runtime code (bytes)", address(agents).code.length);
        require(address(agents).code.length < 24_576, "EIP-170");
    }

    function testSizeOfTheCode() public {
        VM.snapshotValue("Registry", "runtime code (bytes)", address(book).code.length);
        require(address(book).code.length < 24_576, "EIP-170");
    }
}
