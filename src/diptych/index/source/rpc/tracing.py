"""Call traces of an endpoint: `trace_block` where it has it, else `debug_traceBlockByHash`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diptych.core.errors import JsonValue
from diptych.index.blocks import BlockRef
from diptych.index.source.answers import RawTrace
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.source import BranchChanged, NotOffered
from diptych.index.source.traces import RawCallTrace, call_traces_table, traces_table
from diptych.ledger.answers import RpcCall
from diptych.ledger.errors import MalformedAnswer, RpcRefused

if TYPE_CHECKING:
    import pyarrow as pa

_FLAT, _NESTED = "trace_block", "debug_traceBlockByHash"
_TRACER: JsonValue = {"tracer": "callTracer"}


class TraceReader:
    """Reads traces; remembers which method the endpoint has."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._refused: dict[str, str] = {}

    def of_blocks(self, blocks: Sequence[BlockRef]) -> "pa.Table":
        """Return the traces of blocks, schema `traces_schema()`.

        Raises:
            NotOffered: the endpoint has neither method; the message names both.
            BranchChanged: a block was replaced meanwhile.
        """
        for method, read in ((_FLAT, self._flat), (_NESTED, self._nested)):
            if method in self._refused:
                continue
            try:
                return read(blocks)
            except RpcRefused as error:
                if not error.unsupported:
                    raise
                self._refused[method] = error.rpc_message
        reasons = "; ".join(f"{method}: {text}" for method, text in self._refused.items())
        raise NotOffered(
            f"{self._endpoint.shown_url}: got no traces ({reasons})",
            hint=f"use an endpoint with {_FLAT} or {_NESTED}",
        )

    def _flat(self, blocks: Sequence[BlockRef]) -> "pa.Table":
        calls = [RpcCall(_FLAT, (hex(block.number),)) for block in blocks]
        found: list[RawTrace] = []
        answers = self._endpoint.ask_each(list[RawTrace], calls)
        for block, traces in zip(blocks, answers, strict=True):
            digest = "0x" + block.hash.hex()
            for one in traces or ():
                if one.block_number != block.number:
                    raise MalformedAnswer(
                        f"got traces of block {one.block_number}, expected {block.number}"
                    )
                if one.block_hash is not None and one.block_hash.lower() != digest:
                    raise BranchChanged(f"got traces of another block at height {block.number}")
            found += traces or []
        return traces_table(found)

    def _nested(self, blocks: Sequence[BlockRef]) -> "pa.Table":
        calls = [RpcCall(_NESTED, ("0x" + block.hash.hex(), _TRACER)) for block in blocks]
        answers = self._endpoint.ask_each(list[RawCallTrace], calls)
        pairs = zip(blocks, answers, strict=True)
        return call_traces_table([(block.number, traces or []) for block, traces in pairs])
