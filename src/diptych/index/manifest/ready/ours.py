"""Our own contracts: logs and their anchors, and who owns registered models and data."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from diptych.index.manifest.entity import entity
from diptych.index.manifest.handlers import EventRow, Read
from diptych.index.manifest.kinds import (
    LAST,
    Address,
    Count,
    Hash,
    Key,
    Refers,
    Uint256,
)
from diptych.index.manifest.manifest import Manifest
from diptych.index.manifest.ready.columns import NOBODY


@entity
class Log:
    """A log of records: who rules it, whom it is offered (zero: nobody), its newest root."""

    id: Hash
    owner: Annotated[Address | None, LAST]
    proposed_owner: Annotated[Address | None, LAST]
    size: Annotated[int | None, LAST]
    root: Annotated[Hash | None, LAST]
    anchored_at: Annotated[int | None, LAST]
    anchor_count: Count


@entity(immutable=True)
class Anchoring:
    """One root of a log."""

    id: str
    timestamp: int
    log: Annotated[Hash, Refers("Log")]
    size: int
    root: Hash
    transaction: Hash


@entity
class Publisher:
    """Who may anchor a log besides its owner."""

    log: Annotated[Hash, Key(), Refers("Log")]
    account: Annotated[Address, Key()]
    allowed: bool


@entity
class Asset:
    """A registered model, data set or other work."""

    id: Uint256
    registrant: Annotated[Address | None, LAST]
    kind: Annotated[int | None, LAST]
    owner: Annotated[Address | None, LAST]
    royalty_receiver: Annotated[Address | None, LAST]
    royalty_basis_points: Annotated[Uint256 | None, LAST]
    version_count: Count


@entity(immutable=True)
class Version:
    """One published version of an asset."""

    id: str
    timestamp: int
    asset: Annotated[Uint256, Refers("Asset")]
    digest: Hash
    number: Uint256
    terms: Hash
    transaction: Hash


@entity(immutable=True)
class Transfer:
    """One change of an asset's owner."""

    id: str
    timestamp: int
    asset: Annotated[Uint256, Refers("Asset")]
    sender: Address
    receiver: Address
    transaction: Hash


def anchor(
    address: str | Sequence[str] = (), *, name: str = "anchor", start_block: int = 0
) -> Manifest:
    """Return the manifest of Anchor contracts; of all without an address."""
    manifest = Manifest(name, entities=[Log, Anchoring, Publisher])
    given = (address,) if isinstance(address, str) else tuple(address)
    events = manifest.contract(
        "Anchor", abi="Anchor", address=given, start_block=start_block
    ).events
    manifest.on(events.Anchored)(anchored)
    manifest.on(events.Registered, events.OwnerProposed, events.OwnerChanged)(ruled)
    manifest.on(events.PublisherSet)(published_by)
    return manifest


def registry(
    address: str | Sequence[str] = (), *, name: str = "registry", start_block: int = 0
) -> Manifest:
    """Return the manifest of Registry contracts; of all without an address."""
    manifest = Manifest(name, entities=[Asset, Version, Transfer])
    given = (address,) if isinstance(address, str) else tuple(address)
    events = manifest.contract(
        "Registry", abi="Registry", address=given, start_block=start_block
    ).events
    manifest.on(events.AssetRegistered)(registered)
    manifest.on(events.Published)(published)
    manifest.on(events.RoyaltySet)(royalty_set)
    manifest.on(events.Transfer)(owned)
    return manifest


def anchored(event: EventRow, read: Read) -> Iterator[object]:
    """Yield a new root."""
    args = event.args
    yield Anchoring(
        id=event.id,
        timestamp=event.timestamp,
        log=args["id"],
        size=args["size"],
        root=args["root"],
        transaction=Hash(event.transaction),
    )
    at = event.timestamp
    yield _log(args["id"], size=args["size"], root=args["root"], anchored_at=at, anchor_count=1)


def ruled(event: EventRow, read: Read) -> Iterator[object]:
    """Yield who rules a log."""
    args = event.args
    # A change of owner settles the proposal.
    proposed = NOBODY if "previous" in args else args.get("proposed")
    yield _log(args["id"], owner=args.get("owner"), proposed_owner=proposed)


def published_by(event: EventRow, read: Read) -> Iterator[object]:
    """Yield who may anchor."""
    args = event.args
    yield Publisher(log=args["id"], account=args["publisher"], allowed=args["allowed"])


def registered(event: EventRow, read: Read) -> Iterator[object]:
    """Yield a new asset."""
    args = event.args
    yield _asset(args["id"], registrant=args["registrant"], kind=args["kind"])


def published(event: EventRow, read: Read) -> Iterator[object]:
    """Yield a new version."""
    args = event.args
    yield Version(
        id=event.id,
        timestamp=event.timestamp,
        asset=args["id"],
        digest=args["digest"],
        number=args["version"],
        terms=args["terms"],
        transaction=Hash(event.transaction),
    )
    yield _asset(args["id"], version_count=1)


def royalty_set(event: EventRow, read: Read) -> Iterator[object]:
    """Yield who gets royalties."""
    args = event.args
    points, receiver = args["basisPoints"], args["receiver"]
    yield _asset(args["id"], royalty_receiver=receiver, royalty_basis_points=points)


def owned(event: EventRow, read: Read) -> Iterator[object]:
    """Yield a new owner."""
    args = event.args
    yield Transfer(
        id=event.id,
        timestamp=event.timestamp,
        asset=args["tokenId"],
        sender=args["from"],
        receiver=args["to"],
        transaction=Hash(event.transaction),
    )
    yield _asset(args["tokenId"], owner=args["to"])


_LOG = {"owner": None, "proposed_owner": None, "size": None, "root": None, "anchored_at": None}
_ASSET = {
    "registrant": None,
    "kind": None,
    "owner": None,
    "royalty_receiver": None,
    "royalty_basis_points": None,
}


def _log(id_: Hash, **told: object) -> Log:
    """Return what an event says of a log; what it does not say stays as it was."""
    return Log(**{"id": id_, "anchor_count": 0, **_LOG, **told})  # type: ignore[arg-type]


def _asset(id_: Uint256, **told: object) -> Asset:
    return Asset(**{"id": id_, "version_count": 0, **_ASSET, **told})  # type: ignore[arg-type]
