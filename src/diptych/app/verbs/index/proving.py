"""`index seal`, `index proof` and `index verify`: what an index says, as evidence."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.verbs.index.exporting import reading, state_at
from diptych.app.verbs.index.origin import NoOrigin, Origin
from diptych.app.verbs.index.run import index_home
from diptych.app.verbs.records import record_at
from diptych.app.verbs.signing import append_drafts
from diptych.app.verbs.verify import verify
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.core.files import naming, write_output
from diptych.index.cache.source import CachedSource
from diptych.index.proof.row import (
    MAX_BYTES,
    ProvenRow,
    row_proof_bytes,
    verify_row_proof,
)
from diptych.index.proof.state import (
    KIND,
    IndexState,
    read_state,
    require_same_state,
    table_digests,
)
from diptych.index.query.standing import columns_of
from diptych.index.store.store import QueryLimits
from diptych.index.store.tables import listed, quoted
from diptych.provenance.statement import Draft, Subject

if TYPE_CHECKING:
    from diptych.ledger.chain import Chain

_LABEL = "index-state/"
"""`index-state/NAME` points to the record of the newest sealed state of that index."""
_MAX_ROWS = 1_000


class NoSuchRow(UsageError):
    """An index has no row that an event of this place caused."""

    code = "Index.NoSuchRow"


class NotSealed(UsageError):
    """No state of an index was sealed in this log."""

    code = "Index.NotSealed"


@dataclass(frozen=True)
class SealedState:
    """A state, and where it stands in the log."""

    state: IndexState
    record: int


def current_state(workspace: Workspace, name: str, block: int | None = None) -> IndexState:
    """Return what the tables of an index say at a block.

    Raises:
        NoIndex: there is none of this name.
        NotIndexed: it has not reached the block.
        NotOffered: the block's hash is not in the cache.
    """
    home = index_home(workspace, name)
    cached = CachedSource(None, home.cache, offline=True, window=1)
    with reading(workspace, home) as (store, seen):
        cursor, at = state_at(seen, block)
        head = cursor.block
        ref = head if at == head.number else cached.header(at)
        assert ref is not None
        return IndexState(
            index=name,
            chain_id=cached.identity().chain_id or 0,
            genesis_hash=cursor.genesis_hash.hex(),
            block=at,
            block_hash=ref.hash.hex(),
            manifest=cursor.manifest,
            tables=table_digests(seen, store.entities, at),
        )


def seal_state(workspace: Workspace, name: str, block: int | None = None) -> SealedState:
    """Log a signed statement of what an index says at a block.

    Raises:
        KeyLocked: nothing unlocks the keys.
    """
    state = current_state(workspace, name, block)
    subject = Subject(f"index {name} at block {state.block}", {"sha256": state.digest})
    draft = Draft(KIND, (subject,), workspace.clock(), (), {KIND: state.to_json()})
    with workspace.write_log() as log:
        (record,) = append_drafts(workspace, log, [draft], labels={_LABEL + name: 0})
        return SealedState(state, record)


def verify_state(workspace: Workspace, name: str) -> SealedState:
    """Recompute the newest sealed state of an index, and verify its record.

    Raises:
        NotSealed: none was sealed.
        StateDiffers: the index says something else now.
        VerificationError: the record does not verify.
    """
    with workspace.read_log() as log:
        record = log.label(_LABEL + name)
        sealed = None if record is None else read_state(record_at(log, record).statement)
    if record is None or sealed is None:
        raise NotSealed(f"no state of '{name}' is sealed", hint=f"diptych index seal {name}")
    require_same_state(current_state(workspace, name, sealed.block), sealed)
    verify(workspace, str(record))
    return SealedState(sealed, record)


def prove_row(
    workspace: Workspace, name: str, place: tuple[int, int], origin: Origin, *, to: Path
) -> ProvenRow:
    """Write the rows that an event caused with the proof of it, checked as a reader will.

    Args:
        workspace: where the index stands.
        name: of the index.
        place: block and position of the log in it, as in a row's id `<block>-<log index>`.
        origin: endpoint or chain profile to ask for receipts.
        to: file to write.

    Raises:
        NoSuchRow: no row has this id.
        ProofMismatch: the endpoint's receipts are not those of the block.
        AnchorMismatch: the rows are of another block than the chain's.
    """
    from diptych.ledger.receipt_proof import build_receipt_proof

    rows = _rows(workspace, name, f"{place[0]}-{place[1]}")
    chain = _chain(workspace, origin)
    transaction, at = _placed(chain, *place)
    raw = row_proof_bytes(build_receipt_proof(chain, transaction, log_index=at), rows)
    proven = verify_row_proof(raw)
    write_output(to, raw)
    return proven


def verify_row_file(path: Path, block_hash: bytes | None = None) -> ProvenRow:
    """Check a file of `prove_row`, without a chain or a workspace.

    Raises:
        MalformedError, AnchorMismatch: as `verify_row_proof`.
    """
    with naming(path), path.open("rb") as stream:
        return verify_row_proof(stream.read(MAX_BYTES + 1), block_hash=block_hash)


def _rows(workspace: Workspace, name: str, row: str) -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
    with reading(workspace, index_home(workspace, name)) as (store, seen):
        for one in store.entities:
            if one.keys != ("id",) or one.field("id").kind.name != "text":
                continue
            sql = (
                f"select {listed(columns_of(one))} from {quoted(one.table)}"
                " where id = $1 or starts_with(id, $2) order by id"
            )
            table = seen.query(sql, (row, f"{row}-"), limits=QueryLimits(rows=_MAX_ROWS))
            found += [(one.table, values) for values in table.to_pylist()]
    if not found:
        raise NoSuchRow(
            f"the index '{name}' has no row with id {row}",
            hint="rows of events have ids <block>-<log index>; see diptych index query",
        )
    return found


def _chain(workspace: Workspace, origin: Origin) -> "Chain":
    from diptych.ledger.chain import Chain
    from diptych.ledger.rpc import Rpc

    if origin.paths:
        raise NoOrigin("got files, expected an endpoint or a chain profile to ask for receipts")
    if origin.urls:
        return Chain(Rpc(origin.urls[0]))
    from diptych.app.verbs.ledger import open_current_chain

    return open_current_chain(workspace)


def _placed(chain: "Chain", block: int, log_index: int) -> tuple[bytes, int]:
    """Return the transaction that has a log of a block, and the log's position in its receipt."""
    left = log_index
    for receipt in chain.block_receipts(block):
        if left < len(receipt.logs):
            return receipt.transaction_hash, left
        left -= len(receipt.logs)
    raise NoSuchRow(f"block {block} has no log {log_index}: it was replaced, or never had it")
