"""Typed calls, answers and events of the Identity contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from diptych.contracts.abi import decode_topics, decode_words, encode_call


@dataclass(frozen=True)
class MetadataSet:
    """Event `MetadataSet(uint256,string,string,bytes)`.

    Something is said of an agent on chain (ERC-8004).
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "2c149ed548c6d2993cd73efe187df6eccabe4538091b33adbd25fafdb8a1468b"
    )
    agent_id: int
    indexed_metadata_key: bytes
    metadata_key: str
    metadata_value: bytes

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "MetadataSet":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("MetadataSet", cls.TOPIC, topics, ("uint256", "bytes32")),
            *decode_words(("string", "bytes"), data, what="event MetadataSet"),
        )


@dataclass(frozen=True)
class Registered:
    """Event `Registered(uint256,string,address)`: An agent exists from now on (ERC-8004)."""

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "ca52e62c367d81bb2e328eb795f7c7ba24afb478408a26c0e201d155c449bc4a"
    )
    agent_id: int
    owner: str
    agent_uri: str

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "Registered":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("Registered", cls.TOPIC, topics, ("uint256", "address")),
            *decode_words(("string",), data, what="event Registered"),
        )


@dataclass(frozen=True)
class URIUpdated:
    """Event `URIUpdated(uint256,string,address)`.

    An agent's registration file stands elsewhere (ERC-8004).
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "3a2c7fffc2cba7582c690e3b82c453ea02a308326a98a3ad7576c606336409fb"
    )
    agent_id: int
    updated_by: str
    new_uri: str

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "URIUpdated":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("URIUpdated", cls.TOPIC, topics, ("uint256", "address")),
            *decode_words(("string",), data, what="event URIUpdated"),
        )


def encode_max_deadline_delay() -> bytes:
    """Call data of `MAX_DEADLINE_DELAY()`.

    Longest time from now at which a wallet's signature may end, in seconds.
    """
    return encode_call("7b93b234", (), ())


def decode_max_deadline_delay(data: bytes) -> int:
    """Answer of `MAX_DEADLINE_DELAY`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="MAX_DEADLINE_DELAY")
    return value


def encode_get_agent_wallet(agent_id: int) -> bytes:
    """Call data of `getAgentWallet(uint256)`.

    Where an agent is paid: its owner at first, nobody after a transfer until a wallet is set.
    """
    return encode_call("00339509", ("uint256",), (agent_id,))


def decode_get_agent_wallet(data: bytes) -> str:
    """Answer of `getAgentWallet`."""
    value: str
    (value,) = decode_words(("address",), data, what="getAgentWallet")
    return value


def encode_get_metadata(agent_id: int, metadata_key: str) -> bytes:
    """Call data of `getMetadata(uint256,string)`: What was said of an agent."""
    return encode_call("cb4799f2", ("uint256", "string"), (agent_id, metadata_key))


def decode_get_metadata(data: bytes) -> bytes:
    """Answer of `getMetadata`."""
    value: bytes
    (value,) = decode_words(("bytes",), data, what="getMetadata")
    return value


def encode_is_authorized_or_owner(spender: str, agent_id: int) -> bytes:
    """Call data of `isAuthorizedOrOwner(address,uint256)`.

    Whether somebody owns an agent or may act for its owner.
    """
    return encode_call("d95e72be", ("address", "uint256"), (spender, agent_id))


def decode_is_authorized_or_owner(data: bytes) -> bool:
    """Answer of `isAuthorizedOrOwner`."""
    value: bool
    (value,) = decode_words(("bool",), data, what="isAuthorizedOrOwner")
    return value


def encode_register() -> bytes:
    """Call data of `register()`: Register an agent without a registration file."""
    return encode_call("1aa3a008", (), ())


def decode_register(data: bytes) -> int:
    """Answer of `register`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="register")
    return value


def encode_register_with_agent_uri(agent_uri: str) -> bytes:
    """Call data of `register(string)`: Register an agent."""
    return encode_call("f2c298be", ("string",), (agent_uri,))


def decode_register_with_agent_uri(data: bytes) -> int:
    """Answer of `registerWithAgentURI`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="registerWithAgentURI")
    return value


def encode_register_with_agent_urimetadata(
    agent_uri: str, metadata: Sequence[tuple[str, bytes]]
) -> bytes:
    """Call data of `register(string,(string,bytes)[])`: Register an agent with metadata."""
    return encode_call("8ea42286", ("string", "(string,bytes)[]"), (agent_uri, metadata))


def decode_register_with_agent_urimetadata(data: bytes) -> int:
    """Answer of `registerWithAgentURIMetadata`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="registerWithAgentURIMetadata")
    return value


def encode_set_agent_uri(agent_id: int, new_uri: str) -> bytes:
    """Call data of `setAgentURI(uint256,string)`: Move an agent's registration file."""
    return encode_call("0af28bd3", ("uint256", "string"), (agent_id, new_uri))


def encode_set_agent_wallet(
    agent_id: int, new_wallet: str, deadline: int, signature: bytes
) -> bytes:
    """Call data of `setAgentWallet(uint256,address,uint256,bytes)`.

    Let an agent be paid at a wallet that signs for it (EIP-712, ERC-1271).
    """
    return encode_call(
        "2d1ef5ae",
        ("uint256", "address", "uint256", "bytes"),
        (agent_id, new_wallet, deadline, signature),
    )


def encode_set_metadata(agent_id: int, metadata_key: str, metadata_value: bytes) -> bytes:
    """Call data of `setMetadata(uint256,string,bytes)`: Say something of an agent on chain."""
    return encode_call(
        "466648da", ("uint256", "string", "bytes"), (agent_id, metadata_key, metadata_value)
    )


def encode_unset_agent_wallet(agent_id: int) -> bytes:
    """Call data of `unsetAgentWallet(uint256)`: Leave an agent without wallet."""
    return encode_call("3fddcf19", ("uint256",), (agent_id,))
