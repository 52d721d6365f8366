"""Typed calls, answers and events of the AssetTokens contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.contracts.abi import decode_words, encode_call


def encode_default_royalty() -> bytes:
    """Call data of `DEFAULT_ROYALTY()`.

    Royalty of a token that nobody set one for, in basis points: 2.5 %.
    """
    return encode_call("43a32282", (), ())


def decode_default_royalty(data: bytes) -> int:
    """Answer of `DEFAULT_ROYALTY`."""
    value: int
    (value,) = decode_words(("uint96",), data, what="DEFAULT_ROYALTY")
    return value


def encode_max_royalty() -> bytes:
    """Call data of `MAX_ROYALTY()`: Largest royalty, in basis points: 25 %."""
    return encode_call("d83e5f4d", (), ())


def decode_max_royalty(data: bytes) -> int:
    """Answer of `MAX_ROYALTY`."""
    value: int
    (value,) = decode_words(("uint96",), data, what="MAX_ROYALTY")
    return value


def encode_approve(to: str, token_id: int) -> bytes:
    """Call data of `approve(address,uint256)`."""
    return encode_call("095ea7b3", ("address", "uint256"), (to, token_id))


def encode_balance_of(owner: str) -> bytes:
    """Call data of `balanceOf(address)`."""
    return encode_call("70a08231", ("address",), (owner,))


def decode_balance_of(data: bytes) -> int:
    """Answer of `balanceOf`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="balanceOf")
    return value


def encode_get_approved(token_id: int) -> bytes:
    """Call data of `getApproved(uint256)`."""
    return encode_call("081812fc", ("uint256",), (token_id,))


def decode_get_approved(data: bytes) -> str:
    """Answer of `getApproved`."""
    value: str
    (value,) = decode_words(("address",), data, what="getApproved")
    return value


def encode_is_approved_for_all(owner: str, operator: str) -> bytes:
    """Call data of `isApprovedForAll(address,address)`."""
    return encode_call("e985e9c5", ("address", "address"), (owner, operator))


def decode_is_approved_for_all(data: bytes) -> bool:
    """Answer of `isApprovedForAll`."""
    value: bool
    (value,) = decode_words(("bool",), data, what="isApprovedForAll")
    return value


def encode_name() -> bytes:
    """Call data of `name()`."""
    return encode_call("06fdde03", (), ())


def decode_name(data: bytes) -> str:
    """Answer of `name`."""
    value: str
    (value,) = decode_words(("string",), data, what="name")
    return value


def encode_owner_of(token_id: int) -> bytes:
    """Call data of `ownerOf(uint256)`."""
    return encode_call("6352211e", ("uint256",), (token_id,))


def decode_owner_of(data: bytes) -> str:
    """Answer of `ownerOf`."""
    value: str
    (value,) = decode_words(("address",), data, what="ownerOf")
    return value


def encode_publish(id_: int, digest: bytes, terms: bytes) -> bytes:
    """Call data of `publish(uint256,bytes32,bytes32)`: Add a version to an asset."""
    return encode_call("70dbe710", ("uint256", "bytes32", "bytes32"), (id_, digest, terms))


def decode_publish(data: bytes) -> int:
    """Answer of `publish`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="publish")
    return value


def encode_publish_many(
    ids: Sequence[int], digests: Sequence[bytes], terms: Sequence[bytes]
) -> bytes:
    """Call data of `publishMany(uint256[],bytes32[],bytes32[])`: Add versions to many assets."""
    return encode_call("e41ecc4e", ("uint256[]", "bytes32[]", "bytes32[]"), (ids, digests, terms))


def encode_royalty_info(token_id: int, sale_price: int) -> bytes:
    """Call data of `royaltyInfo(uint256,uint256)`.

    Who is to be paid what of a sale (ERC-2981); by default the first owner at the default rate.
    """
    return encode_call("2a55205a", ("uint256", "uint256"), (token_id, sale_price))


@dataclass(frozen=True)
class RoyaltyInfoAnswer:
    """Answer of `royaltyInfo`."""

    receiver: str
    amount: int


def decode_royalty_info(data: bytes) -> RoyaltyInfoAnswer:
    """Answer of `royaltyInfo`."""
    return RoyaltyInfoAnswer(*decode_words(("address", "uint256"), data, what="royaltyInfo"))


def encode_safe_transfer_from(from_: str, to: str, token_id: int) -> bytes:
    """Call data of `safeTransferFrom(address,address,uint256)`."""
    return encode_call("42842e0e", ("address", "address", "uint256"), (from_, to, token_id))


def encode_safe_transfer_from_with_data(from_: str, to: str, token_id: int, data: bytes) -> bytes:
    """Call data of `safeTransferFrom(address,address,uint256,bytes)`."""
    return encode_call(
        "b88d4fde", ("address", "address", "uint256", "bytes"), (from_, to, token_id, data)
    )


def encode_set_approval_for_all(operator: str, approved: bool) -> bytes:
    """Call data of `setApprovalForAll(address,bool)`."""
    return encode_call("a22cb465", ("address", "bool"), (operator, approved))


def encode_set_royalty(id_: int, receiver: str, basis_points: int) -> bytes:
    """Call data of `setRoyalty(uint256,address,uint96)`.

    Say who earns the royalty and how much; once set it can move and fall, never rise.
    """
    return encode_call("80c8d690", ("uint256", "address", "uint96"), (id_, receiver, basis_points))


def encode_supports_interface(interface_id: bytes) -> bytes:
    """Call data of `supportsInterface(bytes4)`: Whether an interface is supported (ERC-165)."""
    return encode_call("01ffc9a7", ("bytes4",), (interface_id,))


def decode_supports_interface(data: bytes) -> bool:
    """Answer of `supportsInterface`."""
    value: bool
    (value,) = decode_words(("bool",), data, what="supportsInterface")
    return value


def encode_symbol() -> bytes:
    """Call data of `symbol()`."""
    return encode_call("95d89b41", (), ())


def decode_symbol(data: bytes) -> str:
    """Answer of `symbol`."""
    value: str
    (value,) = decode_words(("string",), data, what="symbol")
    return value


def encode_token_uri(token_id: int) -> bytes:
    """Call data of `tokenURI(uint256)`."""
    return encode_call("c87b56dd", ("uint256",), (token_id,))


def decode_token_uri(data: bytes) -> str:
    """Answer of `tokenURI`."""
    value: str
    (value,) = decode_words(("string",), data, what="tokenURI")
    return value


def encode_transfer_from(from_: str, to: str, token_id: int) -> bytes:
    """Call data of `transferFrom(address,address,uint256)`."""
    return encode_call("23b872dd", ("address", "address", "uint256"), (from_, to, token_id))


def encode_versions(id_: int) -> bytes:
    """Call data of `versions(uint256)`.

    How many versions an asset has; zero if it does not exist.
    """
    return encode_call("87aee00e", ("uint256",), (id_,))


def decode_versions(data: bytes) -> int:
    """Answer of `versions`."""
    value: int
    (value,) = decode_words(("uint256",), data, what="versions")
    return value
