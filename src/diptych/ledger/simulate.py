"""Try a transaction without sending it, by the best means that the endpoint offers.

`eth_simulateV1` shows success, gas, events and native transfers; `debug_traceCall` the same through
the call tree; `eth_call` only success and the reason. The caller sees one record.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eth_hash.auto import keccak

from diptych.core.errors import JsonValue, LedgerError
from diptych.ledger.address import checksum_address
from diptych.ledger.chain import Chain
from diptych.ledger.decoding import block_parameter, call_json, decode_log
from diptych.ledger.errors import MalformedAnswer, Reverted, RpcRefused
from diptych.ledger.quantity import (
    Fields,
    bytes_field,
    quantity_field,
    read_bytes,
    read_list,
    read_object,
    read_quantity,
)
from diptych.ledger.records import BlockReference, CallRequest, LogEntry
from diptych.ledger.reverts import RevertDecoder

_TRANSFER = keccak(b"Transfer(address,address,uint256)")
_NATIVE = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
_MAX_CALLS = 100_000


@dataclass(frozen=True)
class Transfer:
    """Value that would move.

    Attributes:
        token: ERC-20 contract, or None for the chain's own coin.
        sender: from whom.
        to: to whom.
        amount: wei, or the token's smallest units.
    """

    token: str | None
    sender: str
    to: str
    amount: int


@dataclass(frozen=True)
class Simulation:
    """What would happen.

    Attributes:
        succeeded: whether the call would go through.
        reverted: why not, else None.
        return_data: what it would return.
        gas_used: gas it would use; None where the endpoint does not say.
        logs: events it would emit; None where the endpoint does not say.
        transfers: value it would move; None where the endpoint does not say.
        method: the JSON-RPC method that told.
    """

    succeeded: bool
    reverted: Reverted | None
    return_data: bytes
    gas_used: int | None
    logs: tuple[LogEntry, ...] | None
    transfers: tuple[Transfer, ...] | None
    method: str


def simulate(
    chain: Chain,
    request: CallRequest,
    *,
    block: BlockReference = "latest",
    reverts: RevertDecoder | None = None,
) -> Simulation:
    """Return what a transaction would do on top of `block`.

    Args:
        chain: where.
        request: the transaction.
        block: state to start from.
        reverts: names the contracts' rules.

    Raises:
        LedgerError: the endpoint cannot try it at all.
    """
    decoder = reverts or RevertDecoder()
    for backend in (_by_simulate_v1, _by_trace_call):
        try:
            return backend(chain, request, block, decoder)
        except RpcRefused as error:
            # Offered, but not for this kind of call: anvil's eth_simulateV1 and creations.
            if not error.unsupported and error.rpc_code != -32602:
                raise
        except MalformedAnswer:
            continue
    return _by_call(chain, request, block, decoder)


Backend = Callable[[Chain, CallRequest, BlockReference, RevertDecoder], Simulation]


def _by_simulate_v1(
    chain: Chain, request: CallRequest, block: BlockReference, reverts: RevertDecoder
) -> Simulation:
    options: dict[str, JsonValue] = {
        "blockStateCalls": [{"calls": [call_json(request)]}],
        "traceTransfers": True,
        "validation": False,
    }
    raw = chain.request("eth_simulateV1", options, block_parameter(block))
    blocks = read_list(raw, "simulated blocks")
    calls = read_list(read_object(blocks[0], "block").get("calls"), "calls") if blocks else []
    if len(calls) != 1:
        raise MalformedAnswer(f"got {len(calls)} simulated calls, expected 1")
    result = read_object(calls[0], "simulated call")
    entries = [decode_log(item) for item in read_list(result.get("logs", []), "logs")]
    succeeded = quantity_field(result, "status") == 1
    returned = bytes_field(result, "returnData")
    return Simulation(
        succeeded=succeeded,
        reverted=None if succeeded else reverts.decode(returned or _error_data(result)),
        return_data=returned if succeeded else b"",
        gas_used=quantity_field(result, "gasUsed"),
        logs=tuple(entry for entry in entries if entry.address != _NATIVE),
        transfers=tuple(_transfers(entries)),
        method="eth_simulateV1",
    )


def _error_data(result: Fields) -> bytes:
    error = result.get("error")
    data = error.get("data") if isinstance(error, dict) else None
    try:
        return read_bytes(data, "data")
    except MalformedAnswer:
        return b""


def _transfers(entries: list[LogEntry]) -> Iterator[Transfer]:
    for entry in entries:
        if len(entry.topics) == 3 and entry.topics[0] == _TRANSFER and len(entry.data) == 32:
            yield Transfer(
                token=None if entry.address == _NATIVE else entry.address,
                sender=checksum_address(entry.topics[1][12:]),
                to=checksum_address(entry.topics[2][12:]),
                amount=int.from_bytes(entry.data, "big"),
            )


def _by_trace_call(
    chain: Chain, request: CallRequest, block: BlockReference, reverts: RevertDecoder
) -> Simulation:
    options: dict[str, JsonValue] = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}
    raw = chain.request("debug_traceCall", call_json(request), block_parameter(block), options)
    top = read_object(raw, "call tree")
    succeeded = top.get("error") is None
    output = read_bytes(top.get("output") or "0x", "output")
    frames = list(_frames(top)) if succeeded else []
    entries = [
        decode_log(item) for frame in frames for item in read_list(frame.get("logs") or [], "logs")
    ]
    native = [transfer for frame in frames if (transfer := _native_transfer(frame)) is not None]
    return Simulation(
        succeeded=succeeded,
        reverted=None if succeeded else reverts.decode(output),
        return_data=output if succeeded else b"",
        gas_used=quantity_field(top, "gasUsed"),
        logs=tuple(entries),
        transfers=(*native, *_transfers(entries)),
        method="debug_traceCall",
    )


def _frames(top: Fields) -> Iterator[Fields]:
    """Yield the calls that took effect, parents first."""
    waiting, seen = [top], 0
    while waiting:
        frame = waiting.pop()
        seen += 1
        if seen > _MAX_CALLS:
            raise MalformedAnswer(f"got a call tree above {_MAX_CALLS} calls")
        yield frame
        below = [read_object(c, "call") for c in read_list(frame.get("calls") or [], "calls")]
        waiting.extend(c for c in reversed(below) if c.get("error") is None)


def _native_transfer(frame: Fields) -> Transfer | None:
    if frame.get("value") is None or frame.get("to") is None or frame.get("type") == "DELEGATECALL":
        return None
    amount_wei = read_quantity(frame["value"], "value")
    if amount_wei == 0:
        return None
    return Transfer(
        token=None,
        sender=checksum_address(bytes_field(frame, "from", length=20)),
        to=checksum_address(bytes_field(frame, "to", length=20)),
        amount=amount_wei,
    )


def _by_call(
    chain: Chain, request: CallRequest, block: BlockReference, reverts: RevertDecoder
) -> Simulation:
    returned, reverted, gas_used = b"", None, None
    try:
        returned = chain.call(request, block)
        gas_used = _estimated(chain, request)
    except Reverted as error:
        reverted = reverts.explain(error)
    return Simulation(
        succeeded=reverted is None,
        reverted=reverted,
        return_data=returned,
        gas_used=gas_used,
        logs=None,
        transfers=None,
        method="eth_call",
    )


def _estimated(chain: Chain, request: CallRequest) -> int | None:
    try:
        return chain.estimate_gas(request)
    except LedgerError:
        return None
