"""The rules of the Registry contract as pure functions: the reference that it is held to.

A book maps asset ids to assets; every operation returns a new book or raises `Reverted` with the
code of the contract's own error. Addresses are EIP-55 text. Sources: ERC-721, ERC-2981.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eth_hash.auto import keccak

from diptych.ledger.address import read_address
from diptych.ledger.errors import Reverted

KINDS: Mapping[str, int] = {"dataset": 1, "model": 2, "work": 3, "agent": 4}
DEFAULT_ROYALTY = 250
"""Basis points that the first owner earns of a sale if nobody set anything."""
MAX_ROYALTY = 2_500
WHOLE = 10_000
_NOBODY = "0x" + "00" * 20


@dataclass(frozen=True)
class Asset:
    """The state of one asset.

    Attributes:
        owner: who owns its token.
        versions: how many there are.
        approved: who may act for the owner, or the zero address.
        receiver: who earns the royalty once that is fixed; empty before, when the owner does.
        basis_points: of a sale price, once fixed.
    """

    owner: str
    versions: int = 1
    approved: str = _NOBODY
    receiver: str = ""
    basis_points: int = DEFAULT_ROYALTY


Book = Mapping[int, Asset]


def asset_id(registrant: str, kind: int, salt: bytes) -> int:
    """Return `uint256(keccak256(abi.encode(registrant, kind, salt)))`.

    Args:
        registrant: address that registers the asset.
        kind: 1 to 4, see `KINDS`.
        salt: 32 bytes.

    Raises:
        BadAddress: `registrant` is no address.
    """
    encoded = bytes(12) + read_address(registrant) + kind.to_bytes(32, "big") + salt
    return int.from_bytes(keccak(encoded), "big")


def register(book: Book, sender: str, *, kind: int, salt: bytes, digest: bytes) -> Book:
    """Register an asset with its first version.

    Raises:
        Reverted: `Registry.UnknownKind`, `Registry.AlreadyRegistered` or `Registry.EmptyDigest`.
    """
    if not 1 <= kind <= len(KINDS):
        raise _broken("UnknownKind", kind)
    found = asset_id(sender, kind, salt)
    if found in book:
        raise _broken("AlreadyRegistered", found)
    if not any(digest):
        raise _broken("EmptyDigest", found)
    return {**book, found: Asset(sender)}


def publish(book: Book, sender: str, *, asset: int, digest: bytes) -> Book:
    """Add a version.

    Raises:
        Reverted: `Registry.ERC721NonexistentToken`, `Registry.NotAuthorized` or
            `Registry.EmptyDigest`.
    """
    state = _authorized(book, sender, asset, "NotAuthorized")
    if not any(digest):
        raise _broken("EmptyDigest", asset)
    return {**book, asset: replace(state, versions=state.versions + 1)}


def publish_many(book: Book, sender: str, versions: Sequence[tuple[int, bytes]]) -> Book:
    """Add versions, all or none.

    Raises:
        Reverted: `Registry.BadBatch`, or what `publish` raises.
    """
    if not versions:
        raise _broken("BadBatch", 0)
    for asset, digest in versions:
        book = publish(book, sender, asset=asset, digest=digest)
    return book


def transfer(book: Book, sender: str, *, asset: int, to: str) -> Book:
    """Give an asset to a new owner; the first owner's royalty is fixed at the first transfer.

    Raises:
        Reverted: `Registry.ERC721NonexistentToken` or `Registry.ERC721InsufficientApproval`.
    """
    state = _authorized(book, sender, asset, "ERC721InsufficientApproval")
    receiver = state.receiver or state.owner
    moved = replace(state, owner=to, approved=_NOBODY, receiver=receiver)
    return {**book, asset: moved}


def approve(book: Book, sender: str, *, asset: int, approved: str) -> Book:
    """Let somebody act for the owner until the next transfer.

    Raises:
        Reverted: `Registry.ERC721NonexistentToken` or `Registry.ERC721InvalidApprover`.
    """
    state = _known(book, asset)
    if state.owner != sender:
        raise _broken("ERC721InvalidApprover", asset)
    return {**book, asset: replace(state, approved=approved)}


def set_royalty(book: Book, sender: str, *, asset: int, receiver: str, basis_points: int) -> Book:
    """Move or lower a royalty; before it is fixed the owner may set it up to the maximum.

    Raises:
        Reverted: `Registry.ERC721NonexistentToken`, `Registry.NotRoyaltyReceiver` or
            `Registry.RoyaltyTooHigh`.
    """
    state = _known(book, asset)
    if sender != (state.receiver or state.owner):
        raise _broken("NotRoyaltyReceiver", asset)
    if basis_points > (state.basis_points if state.receiver else MAX_ROYALTY):
        raise _broken("RoyaltyTooHigh", asset)
    return {**book, asset: replace(state, receiver=receiver, basis_points=basis_points)}


def royalty(book: Book, asset: int, price: int) -> tuple[str, int]:
    """Return who is paid what of a sale; the zero address and nothing for an unknown asset."""
    state = book.get(asset)
    if state is None:
        return _NOBODY, 0
    return state.receiver or state.owner, price * state.basis_points // WHOLE


def _known(book: Book, asset: int) -> Asset:
    if asset not in book:
        raise _broken("ERC721NonexistentToken", asset)
    return book[asset]


def _authorized(book: Book, sender: str, asset: int, rule: str) -> Asset:
    state = _known(book, asset)
    if sender not in (state.owner, state.approved):
        raise _broken(rule, asset)
    return state


def _broken(rule: str, asset: int) -> Reverted:
    return Reverted(f"asset {asset}: {rule}", rule=f"Registry.{rule}")
