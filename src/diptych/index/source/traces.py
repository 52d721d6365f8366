"""Call traces, of Parity's `trace_block` or Geth's `callTracer`, turned into raw tables. Pure.

Both become Parity's flat form. Geth's `SELFDESTRUCT` is named `suicide` and its kinds of calls are
call types, as in Parity's form, so that a query need not know which node was asked.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta, Struct, field

from diptych.index.blocks import traces_schema
from diptych.index.source.answers import MAX_LIST, MAX_TRACE_DEPTH, RawTrace
from diptych.index.source.normal import raw_table
from diptych.ledger.errors import MalformedAnswer

if TYPE_CHECKING:
    import pyarrow as pa

_CALLS = frozenset(("call", "callcode", "delegatecall", "staticcall"))
_CREATIONS = frozenset(("create", "create2"))
_MAX_TEXT = 4096
_INT64, _INT32 = (1 << 63) - 1, (1 << 31) - 1


class RawCall(Struct, rename="camel", gc=False, frozen=True):
    """A call of `callTracer`, with those it made."""

    type: str
    sender: str | None = field(name="from", default=None)
    to: str | None = None
    value: str | None = None
    gas: str | None = None
    gas_used: str | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    calls: Annotated[list["RawCall"], Meta(max_length=MAX_LIST)] = []


class RawCallTrace(Struct, rename="camel", gc=False, frozen=True):
    """A transaction's answer within `debug_traceBlockByNumber`."""

    result: RawCall | None = None
    tx_hash: str | None = None
    error: str | None = None


class _Row(NamedTuple):
    """A trace in flat form; byte strings and amounts as hex text."""

    block_number: int
    transaction_index: int | None
    path: tuple[int, ...]
    trace_type: str
    subtraces: int
    transaction_hash: str | None = None
    call_type: str | None = None
    reward_type: str | None = None
    from_address: str | None = None
    to_address: str | None = None
    value: str | None = None
    gas: str | None = None
    gas_used: str | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None


def traces_table(traces: Sequence[RawTrace]) -> "pa.Table":
    """Return traces of `trace_block`, schema `traces_schema()`.

    Raises:
        MalformedAnswer: a value has another form, or a trace comes without the one that made it.
    """
    return _table([_parity_row(trace) for trace in traces])


def call_traces_table(
    blocks: Iterable[tuple[int, Sequence[RawCallTrace]]],
) -> "pa.Table":
    """Return traces of `callTracer`, schema `traces_schema()`.

    Args:
        blocks: height and the traces of its transactions, in order.

    Raises:
        MalformedAnswer: a value has another form, calls are too deep, or a trace failed.
    """
    rows = []
    for height, transactions in blocks:
        for place, each in enumerate(transactions):
            if each.result is None:
                shown = (each.error or "nothing")[:200]
                raise MalformedAnswer(f"block {height} transaction {place}: got no trace: {shown}")
            rows += _call_rows(height, place, each.tx_hash, each.result)
    return _table(rows)


def _parity_row(trace: RawTrace) -> _Row:
    action, result, kind = trace.action, trace.result, trace.type
    row = _Row(
        block_number=trace.block_number,
        transaction_index=trace.transaction_position,
        path=tuple(trace.trace_address),
        trace_type=kind,
        subtraces=trace.subtraces,
        transaction_hash=trace.transaction_hash,
        error=trace.error or None,
    )
    if kind in {"call", "create"}:
        row = row._replace(from_address=action.sender, value=action.value, gas=action.gas)
        row = row._replace(gas_used=result.gas_used if result else None)
    if kind == "call":
        output = result.output if result else None
        return row._replace(
            call_type=action.call_type, to_address=action.to, input=action.input, output=output
        )
    if kind == "create":
        address, code = (result.address, result.code) if result else (None, None)
        return row._replace(to_address=address, input=action.init, output=code)
    if kind == "suicide":
        return row._replace(
            from_address=action.address, to_address=action.refund_address, value=action.balance
        )
    return row._replace(
        to_address=action.author, value=action.value, reward_type=action.reward_type
    )


def _call_rows(height: int, place: int, transaction: str | None, root: RawCall) -> list[_Row]:
    """Return the calls of a transaction, each before those that it made."""
    rows = []
    waiting: list[tuple[RawCall, tuple[int, ...]]] = [(root, ())]
    while waiting:
        call, path = waiting.pop()
        if len(path) > MAX_TRACE_DEPTH:
            raise MalformedAnswer(f"got calls more than {MAX_TRACE_DEPTH} deep")
        kind, call_type = _kind(call.type)
        rows.append(
            _Row(
                block_number=height,
                transaction_index=place,
                path=path,
                trace_type=kind,
                subtraces=len(call.calls),
                transaction_hash=transaction,
                call_type=call_type,
                from_address=call.sender,
                to_address=call.to,
                value=call.value,
                gas=call.gas,
                gas_used=call.gas_used,
                input=call.input,
                output=call.output,
                error=call.error or None,
            )
        )
        below = [(child, (*path, at)) for at, child in enumerate(call.calls)]
        waiting += reversed(below)
    return rows


def _kind(name: str) -> tuple[str, str | None]:
    kind = name.lower()
    if kind in _CALLS:
        return "call", kind
    if kind == "selfdestruct":
        return "suicide", None
    return ("create" if kind in _CREATIONS else kind), None


def _statuses(rows: Sequence[_Row]) -> list[int]:
    """Return 1 for what succeeded, 0 for what failed or stands below something that failed."""
    failed: set[tuple[object, ...]] = set()
    known: set[tuple[object, ...]] = set()
    statuses = {}
    for at in sorted(range(len(rows)), key=lambda each: len(rows[each].path)):
        row = rows[at]
        key = (row.block_number, row.transaction_index, row.path)
        parent = (row.block_number, row.transaction_index, row.path[:-1])
        if row.path and parent not in known:
            raise MalformedAnswer(
                f"block {row.block_number}: got trace {_dotted(row.path)} of transaction "
                f"{row.transaction_index} without the one that made it"
            )
        fails = row.error is not None or (bool(row.path) and parent in failed)
        known.add(key)
        if fails:
            failed.add(key)
        statuses[at] = 0 if fails else 1
    return [statuses[at] for at in range(len(rows))]


def _table(rows: Sequence[_Row]) -> "pa.Table":
    import pyarrow as pa

    schema = traces_schema()
    for row in rows:
        _check(row)
    made = {
        name: pa.array([getattr(row, name) for row in rows], schema.field(name).type)
        for name in ("block_number", "transaction_index", "subtraces")
    }
    made["trace_address"] = pa.array([_dotted(row.path) for row in rows], pa.string())
    made["status"] = pa.array(_statuses(rows), pa.int32())
    for name in ("trace_type", "call_type", "reward_type", "error"):
        made[name] = pa.array([_bounded(getattr(row, name)) for row in rows], pa.string())
    return raw_table(schema, rows, {}, made)


def _check(row: _Row) -> None:
    counts = (row.transaction_index or 0, row.subtraces, *row.path)
    if not 0 <= row.block_number <= _INT64 or not all(0 <= each <= _INT32 for each in counts):
        raise MalformedAnswer(f"got a trace at block {row.block_number} with a number out of range")


def _dotted(path: tuple[int, ...]) -> str:
    return ".".join(map(str, path))


def _bounded(text: str | None) -> str | None:
    return None if text is None else text[:_MAX_TEXT]
