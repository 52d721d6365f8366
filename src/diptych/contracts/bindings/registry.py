"""Typed calls, answers and events of the Registry contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from diptych.contracts.abi import decode_topics, decode_words, encode_call


@dataclass(frozen=True)
class AssetRegistered:
    """Event `AssetRegistered(uint256,address,uint8,bytes32)`.

    An asset exists from now on; `id` is `assetId(registrant, kind, salt)`.
    """

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "454827f50cc7e572a943c7a3e15dd3ab9fc95feda76049606b2e1f1d64904c18"
    )
    id_: int
    registrant: str
    kind: int
    salt: bytes

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "AssetRegistered":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
        return cls(
            *decode_topics("AssetRegistered", cls.TOPIC, topics, ("uint256", "address", "uint8")),
            *decode_words(("bytes32",), data, what="event AssetRegistered"),
        )


def encode_last_kind() -> bytes:
    """Call data of `LAST_KIND()`: Kinds of assets: 1 dataset, 2 model, 3 work, 4 agent."""
    return encode_call("225372e9", (), ())


def decode_last_kind(data: bytes) -> int:
    """Answer of `LAST_KIND`."""
    value: int
    (value,) = decode_words(("uint8",), data, what="LAST_KIND")
    return value


def encode_asset_id(registrant: str, kind: int, salt: bytes) -> bytes:
    """Call data of `assetId(address,uint8,bytes32)`.

    The id of the asset that `registrant` registers with this kind and salt.
    """
    return encode_call("ee1cb543", ("address", "uint8", "bytes32"), (registrant, kind, salt))


def decode_asset_id(data: bytes) -> int:
    """Answer of `assetId`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="assetId")
    return value


def encode_register(kind: int, salt: bytes, digest: bytes, terms: bytes) -> bytes:
    """Call data of `register(uint8,bytes32,bytes32,bytes32)`.

    Register an asset with its first version; the sender owns it.
    """
    return encode_call(
        "895d971f", ("uint8", "bytes32", "bytes32", "bytes32"), (kind, salt, digest, terms)
    )


def decode_register(data: bytes) -> int:
    """Answer of `register`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="register")
    return value


def encode_register_many(
    kind: int, salts: Sequence[bytes], digests: Sequence[bytes], terms: Sequence[bytes]
) -> bytes:
    """Call data of `registerMany(uint8,bytes32[],bytes32[],bytes32[])`.

    Register many assets of one kind.
    """
    return encode_call(
        "acc77aef", ("uint8", "bytes32[]", "bytes32[]", "bytes32[]"), (kind, salts, digests, terms)
    )
