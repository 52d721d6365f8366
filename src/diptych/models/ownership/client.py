"""Assets in the Registry contract: register, publish, transfer, royalty; each exactly once.

Nothing is sent twice: every step has a key in the outbox that follows from what is to be, and what
the chain shows already is not sent again.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diptych.contracts.abi import MalformedReturn
from diptych.contracts.artefact import known_abis
from diptych.contracts.bindings.asset_tokens import (
    decode_owner_of,
    decode_royalty_info,
    decode_versions,
    encode_owner_of,
    encode_publish,
    encode_publish_many,
    encode_royalty_info,
    encode_set_royalty,
    encode_transfer_from,
    encode_versions,
)
from diptych.contracts.bindings.asset_tokens_events import Published, RoyaltySet, Transfer
from diptych.contracts.bindings.registry import encode_register, encode_register_many
from diptych.contracts.deployment import NotDeployed
from diptych.core.errors import UsageError
from diptych.ledger.address import checksum_address, read_address
from diptych.ledger.chain import Chain
from diptych.ledger.errors import Reverted
from diptych.ledger.outbox import Outbox
from diptych.ledger.records import CallRequest, LogEntry, LogFilter, Receipt
from diptych.ledger.reverts import RevertDecoder
from diptych.models.ownership.rules import WHOLE, asset_id

NO_TERMS = bytes(32)
MAX_BATCH = 100
"""Versions in one transaction: about 3,000,000 gas, a tenth of a block."""


class AssetMissing(UsageError):
    """The chain knows no asset of this id."""

    code = "Ownership.Missing"


@dataclass(frozen=True)
class Version:
    """A version to put on chain.

    Attributes:
        salt: of its asset, 32 bytes.
        digest: 32 bytes, for example the record id.
        terms: digest of the licence document, 32 bytes, zero for none.
    """

    salt: bytes
    digest: bytes
    terms: bytes = NO_TERMS


@dataclass(frozen=True)
class AssetOnChain:
    """What the chain holds of an asset.

    Attributes:
        id: of the asset.
        owner: address, EIP-55.
        versions: how many there are.
        receiver: who earns the royalty.
        basis_points: of a sale price.
    """

    id: int
    owner: str
    versions: int
    receiver: str
    basis_points: int


class RegistryClient:
    """The assets of one account in one Registry contract."""

    def __init__(self, chain: Chain, outbox: Outbox, contract: str, *, sender: str) -> None:
        """Name the parts; nothing is sent yet.

        Args:
            chain: where the contract stands.
            outbox: sends for `sender`.
            contract: address of the Registry contract.
            sender: account that registers, owns and pays.

        Raises:
            BadAddress: `contract` or `sender` is no address.
        """
        self._chain, self._outbox = chain, outbox
        self.contract = checksum_address(read_address(contract))
        self.sender = checksum_address(read_address(sender))
        self._reverts = RevertDecoder(known_abis())

    def asset(self, asset: int) -> AssetOnChain | None:
        """Return what the chain holds of an asset, None if it does not know it.

        Raises:
            NotDeployed: no Registry contract answers at the address.
        """
        try:
            versions = decode_versions(self._call(encode_versions(asset)))
        except MalformedReturn as error:
            raise NotDeployed(
                f"no Registry contract answers at {self.contract} on chain {self._chain.chain_id}",
                hint="diptych contracts deploy Registry",
            ) from error
        if versions == 0:
            return None
        owner = decode_owner_of(self._call(encode_owner_of(asset)))
        royalty = decode_royalty_info(self._call(encode_royalty_info(asset, WHOLE)))
        return AssetOnChain(asset, owner, versions, royalty.receiver, royalty.amount)

    def require(self, asset: int) -> AssetOnChain:
        """Return what the chain holds of an asset.

        Raises:
            AssetMissing: it does not know it.
        """
        found = self.asset(asset)
        if found is None:
            raise AssetMissing(
                f"chain {self._chain.chain_id} knows no asset {asset:#066x}",
                hint="diptych model register REF",
            )
        return found

    def published(self, asset: int, *, from_block: int = 0) -> list[Published]:
        """Return all versions of an asset, oldest first, from the chain's events."""
        entries = self._events((Published.TOPIC, _word(asset)), from_block)
        return [Published.parse(entry.topics, entry.data) for entry in entries]

    def register(self, kind: int, versions: Sequence[Version]) -> list[Receipt]:
        """Register assets of one kind with their first version; what is there is left out.

        Returns:
            The receipts of what had to be sent, at most `MAX_BATCH` assets in each.

        Raises:
            Reverted: the contract refused.
        """
        new = [one for one in versions if self.asset(asset_id(self.sender, kind, one.salt)) is None]
        return [self._register(kind, batch) for batch in _batches(new)]

    def publish(self, kind: int, versions: Sequence[Version]) -> list[Receipt]:
        """Add versions to assets of one kind, in order; what was published is left out.

        The last version of each asset is published again if its terms have changed since.

        Returns:
            The receipts of what had to be sent, at most `MAX_BATCH` versions in each.

        Raises:
            Reverted: the contract refused, for example `Registry.NotAuthorized`.
        """
        known: dict[bytes, dict[bytes, bytes]] = {}
        last = {one.salt: one.digest for one in versions}
        new = []
        for one in versions:
            if one.salt not in known:
                events = self.published(asset_id(self.sender, kind, one.salt))
                known[one.salt] = {event.digest: event.terms for event in events}
            terms = known[one.salt].get(one.digest)
            if terms is None or (terms != one.terms and last[one.salt] == one.digest):
                known[one.salt][one.digest] = one.terms
                new.append(one)
        return [self._publish(kind, batch) for batch in _batches(new)]

    def transfer(self, asset: int, to: str) -> Receipt | None:
        """Give an asset to a new owner; None if it belongs to them already.

        Raises:
            AssetMissing: the chain does not know it.
            Reverted: the contract refused, for example `Registry.ERC721InsufficientApproval`.
        """
        receiver, held = checksum_address(read_address(to)), self.require(asset)
        if held.owner == receiver:
            return None
        moves = self._count((Transfer.TOPIC, None, None, _word(asset)))
        data = encode_transfer_from(held.owner, receiver, asset)
        return self._send(f"{asset:064x}/transfer/{moves}/{receiver}", data)

    def set_royalty(self, asset: int, receiver: str, basis_points: int) -> Receipt | None:
        """Say who earns the royalty and how much; None if it is so already and fixed.

        Raises:
            AssetMissing: the chain does not know it.
            Reverted: the contract refused: `Registry.NotRoyaltyReceiver`,
                `Registry.RoyaltyTooHigh`.
        """
        paid, held = checksum_address(read_address(receiver)), self.require(asset)
        changes = self._count((RoyaltySet.TOPIC, _word(asset)))
        if changes and (held.receiver, held.basis_points) == (paid, basis_points):
            return None
        data = encode_set_royalty(asset, paid, basis_points)
        return self._send(f"{asset:064x}/royalty/{changes}/{paid}/{basis_points}", data)

    def _register(self, kind: int, batch: Sequence[Version]) -> Receipt:
        if len(batch) == 1:
            (one,) = batch
            data = encode_register(kind, one.salt, one.digest, one.terms)
        else:
            data = encode_register_many(
                kind,
                [one.salt for one in batch],
                [one.digest for one in batch],
                [one.terms for one in batch],
            )
        return self._send(f"register/{hashlib.sha256(data).hexdigest()}", data)

    def _publish(self, kind: int, batch: Sequence[Version]) -> Receipt:
        ids = [asset_id(self.sender, kind, one.salt) for one in batch]
        if len(batch) == 1:
            data = encode_publish(ids[0], batch[0].digest, batch[0].terms)
        else:
            digests, terms = [one.digest for one in batch], [one.terms for one in batch]
            data = encode_publish_many(ids, digests, terms)
        return self._send(f"publish/{hashlib.sha256(data).hexdigest()}", data)

    def _send(self, action: str, data: bytes) -> Receipt:
        key = f"registry/{self._chain.chain_id}/{self.contract}/{action}"
        return self._outbox.send(key, to=self.contract, data=data)

    def _call(self, data: bytes) -> bytes:
        try:
            return self._chain.call(CallRequest(self.contract, data))
        except Reverted as error:
            raise self._reverts.explain(error) from error

    def _events(self, topics: tuple[bytes | None, ...], from_block: int) -> Iterator[LogEntry]:
        last = self._chain.head_number()
        found = self._chain.logs(LogFilter(from_block, last, (self.contract,), topics))
        return (entry for entry in found if entry.address == self.contract)

    def _count(self, topics: tuple[bytes | None, ...]) -> int:
        return sum(1 for _ in self._events(topics, 0))


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _batches(versions: Sequence[Version]) -> Iterator[Sequence[Version]]:
    for at in range(0, len(versions), MAX_BATCH):
        yield versions[at : at + MAX_BATCH]
