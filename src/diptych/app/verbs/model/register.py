"""`register`, `transfer`, `royalty`: ownership of data and models on the current chain."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from diptych.app.verbs.ledger import open_account, open_current_chain, open_outbox
from diptych.app.verbs.licences import Licences, open_licences
from diptych.app.verbs.records import Record, find_record, record_at
from diptych.app.verbs.requirements import require_stage
from diptych.app.workspace import Workspace
from diptych.contracts.deployment import contract_address, deploy
from diptych.core.errors import JsonValue, UsageError
from diptych.models.ownership.client import NO_TERMS, AssetOnChain, RegistryClient, Version
from diptych.models.ownership.rules import KINDS, asset_id
from diptych_verify.anchor import EMBEDDED_CHAINS

CONTRACT = "Registry"
_KIND_OF = {"dataset": "dataset", "private": "dataset", "model": "model"}
_MOST_VERSIONS = 10_000


class BadRoyalty(UsageError):
    """A royalty is not between 0 and 25 percent."""

    code = "Ownership.BadRoyalty"


@dataclass(frozen=True)
class Owned:
    """An asset on chain, after what was asked for.

    Attributes:
        name: of the record that was named.
        kind: `dataset`, `model`, `work` or `agent`.
        asset: 0x-hex id of the asset, the token's id.
        chain_id: where.
        contract: address of the Registry contract.
        owner: address.
        versions: how many are on chain.
        receiver: address that earns the royalty.
        basis_points: of a sale price.
        gas_used: gas of what had to be sent, 0 if nothing.
    """

    name: str
    kind: str
    asset: str
    chain_id: int
    contract: str
    owner: str
    versions: int
    receiver: str
    basis_points: int
    gas_used: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model register --json` shows for one asset."""
        return dict(vars(self))


@dataclass(frozen=True)
class _Asset:
    """A named asset: its kind, all its versions up to the named one, oldest first."""

    record: Record
    kind: str
    versions: tuple[Version, ...]

    def id(self, registrant: str) -> int:
        return asset_id(registrant, KINDS[self.kind], self.versions[0].salt)


def register(
    workspace: Workspace, references: Sequence[str], *, kind: str | None = None
) -> list[Owned]:
    """Put assets with all versions up to the named ones on chain; safe to repeat.

    A version stands there as an event with the record's id and the digest of its licence. Many
    assets or versions of one kind share transactions.

    Args:
        workspace: whose account registers, owns and pays.
        references: records; other versions of an asset are found by their `supersedes` edges.
        kind: `dataset`, `model`, `work` or `agent`; by default what the record says.

    Raises:
        NoSuchRecord: a reference names nothing.
        NotDeployed: the contract is missing on a real network.
        LedgerError: the chain cannot be reached or refuses.
    """
    assets = _read(workspace, references, kind)
    done = []
    with registry_client(workspace) as (chain_id, client):
        gas = dict.fromkeys(KINDS, 0)
        for name in sorted({one.kind for one in assets}):
            same = [one for one in assets if one.kind == name]
            sent = client.register(KINDS[name], [one.versions[0] for one in same])
            sent += client.publish(KINDS[name], [each for one in same for each in one.versions])
            gas[name] = sum(receipt.gas_used for receipt in sent)
        for asset in assets:
            held = client.require(asset.id(client.sender))
            done.append(_owned(asset, held, (chain_id, client.contract), gas.pop(asset.kind, 0)))
    return done


def transfer(workspace: Workspace, reference: str, to: str, *, kind: str | None = None) -> Owned:
    """Give an asset to another address; safe to repeat.

    Raises:
        NoSuchRecord: the reference names nothing.
        AssetMissing: the chain does not know it.
        BadAddress: `to` is no address.
        Reverted: it is not ours to give.
        RequirementUnmet: the requirements ask for a quality report that is not there.
    """
    (asset,) = _read(workspace, [reference], kind)
    require_stage(workspace, "sell", [asset.record.record])
    with registry_client(workspace) as (chain_id, client):
        number = asset.id(client.sender)
        receipt = client.transfer(number, to)
        held = client.require(number)
    where = (chain_id, client.contract)
    return _owned(asset, held, where, receipt.gas_used if receipt else 0)


def royalty(
    workspace: Workspace,
    reference: str,
    *,
    receiver: str | None = None,
    percent: float | None = None,
    kind: str | None = None,
) -> Owned:
    """Show the royalty of an asset, or set who earns it and how much; safe to repeat.

    ERC-2981 names one receiver: shares of several contributors stand in the model's record.

    Args:
        workspace: whose account pays.
        reference: a record.
        receiver: address that is paid, by default who is paid now.
        percent: of a sale price, 0 to 25, by default what it is now; once set it never rises.
        kind: as for `register`.

    Raises:
        BadRoyalty: `percent` is out of range or finer than 0.01.
        AssetMissing: the chain does not know the asset.
        Reverted: only who is paid now may change it.
    """
    rate = None if percent is None else _basis_points(percent)
    (asset,) = _read(workspace, [reference], kind)
    with registry_client(workspace) as (chain_id, client):
        number = asset.id(client.sender)
        held, sent = client.require(number), None
        if receiver is not None or rate is not None:
            paid = receiver or held.receiver
            sent = client.set_royalty(number, paid, held.basis_points if rate is None else rate)
            held = client.require(number)
    return _owned(asset, held, (chain_id, client.contract), sent.gas_used if sent else 0)


@contextmanager
def registry_client(workspace: Workspace) -> Iterator[tuple[int, RegistryClient]]:
    """Open the current chain; yield its id and the client of our account's assets on it."""
    account = open_account(workspace)
    chain = open_current_chain(workspace)
    with closing(open_outbox(workspace, chain, account)) as outbox:
        if chain.chain_id in EMBEDDED_CHAINS:
            deploy(CONTRACT, chain, outbox)
        address = contract_address(CONTRACT)
        yield chain.chain_id, RegistryClient(chain, outbox, address, sender=account.address)


def _read(workspace: Workspace, references: Sequence[str], kind: str | None) -> list[_Asset]:
    if kind is not None and kind not in KINDS:
        raise UsageError(f"got kind '{kind}', expected one of {', '.join(KINDS)}")
    with workspace.read_log() as log, open_licences(workspace, log) as licences:
        found = [
            _asset(licences, find_record(workspace, log, one), kind)
            for one in dict.fromkeys(references)
        ]
    return list({one.versions: one for one in found}.values())


def _asset(licences: Licences, record: Record, kind: str | None) -> _Asset:
    line = [record]
    seen = {record.index}
    while len(line) < _MOST_VERSIONS:
        before = _before(licences, line[-1])
        if before is None or before.index in seen:
            break
        seen.add(before.index)
        line.append(before)
    line.reverse()
    salt = bytes.fromhex(line[0].record)
    versions = tuple(
        Version(salt, bytes.fromhex(one.record), _terms(licences, one)) for one in line
    )
    return _Asset(record, kind or _KIND_OF.get(record.statement.kind, "work"), versions)


def _before(licences: Licences, record: Record) -> Record | None:
    for edge in record.statement.edges:
        if edge.relation == "supersedes" and edge.record is not None:
            index = licences.log.find(edge.record)
            return None if index is None else record_at(licences.log, index)
    return None


def _terms(licences: Licences, record: Record) -> bytes:
    held = licences.held(record)
    return NO_TERMS if held is None else bytes.fromhex(held.digest)


def _basis_points(percent: float) -> int:
    points = round(percent * 100)
    if not 0 <= points <= 2_500 or abs(points - percent * 100) > 1e-6:
        raise BadRoyalty(f"got {percent} percent, expected 0 to 25 in steps of 0.01")
    return points


def _owned(asset: _Asset, held: AssetOnChain, where: tuple[int, str], gas_used: int) -> Owned:
    return Owned(
        name=asset.record.name,
        kind=asset.kind,
        asset=f"{held.id:#066x}",
        chain_id=where[0],
        contract=where[1],
        owner=held.owner,
        versions=held.versions,
        receiver=held.receiver,
        basis_points=held.basis_points,
        gas_used=gas_used,
    )
