"""Sources of the index: era1 files, blocks as files hold them, answers of endpoints, recordings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.property.fuzz.engine import Target
from tests.unit.index.made_chain import answers, make_chain, write_era1

from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.etl.rows import block_rows, log_rows, receipt_rows, trace_rows, transaction_rows
from diptych.index.etl.transfers import token_transfer_rows
from diptych.index.source.era1.source import Era1Source
from diptych.index.source.recording.json_source import JsonRecording
from diptych.index.source.source import Source
from diptych.index.source.stored import Stored, read_block
from diptych.index.verification.keccak import new_keccak
from diptych.index.verification.verifier import Verifier

_EVERYTHING = Wanted(logs=(LogSelector(),), transactions=True, receipts=True)
_MAX_SPAN = 8


def _read_source(source: Source, *, verified: bool) -> object:
    first, last = source.identity().first, source.head().number
    span = Span(first, min(last, first + _MAX_SPAN))
    wanted = Wanted(**{**vars(_EVERYTHING), "verified": verified})
    chunk = source.fetch(span, wanted)
    assert chunk.transactions is not None
    assert chunk.receipts is not None
    for table in (chunk.blocks, chunk.logs, chunk.transactions, chunk.receipts):
        table.validate(full=True)
    block_rows(chunk.blocks)
    transaction_rows(chunk.transactions, chunk.blocks)
    receipt_rows(chunk.receipts)
    return token_transfer_rows(log_rows(chunk.logs))


def _era1(folder: Path) -> Target:
    path = folder / "fuzzed.era1"
    seeds = []
    for count in (1, 3):
        seeds.append(write_era1(path, make_chain(count)).read_bytes())

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        with Era1Source([path], verified=sum(raw[-64:]) % 2 == 0) as source:
            return _read_source(source, verified=False)

    return Target("era1", read, seeds, "binary", 25)


def _stored(name: str, part: Callable[[Stored, bytes], Stored]) -> Target:
    chain, keccak = make_chain(3), new_keccak()
    verifier = Verifier(keccak, senders=False)

    def read(raw: bytes) -> object:
        stored = part(chain[1], raw)
        found = read_block(stored, keccak, senders=sum(raw[-64:]) % 4 == 0)
        return verifier.header(found.block) if name == "stored_header" else found

    seeds = {
        "stored_header": [stored.header for stored in chain],
        "stored_body": [chain[1].body],
        "stored_receipts": [chain[1].receipts or b""],
    }
    return Target(name, read, seeds[name], "rlp", 25)


def _recording(folder: Path) -> Target:
    path = folder / "answers.json"

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        return _read_source(JsonRecording(folder), verified=sum(raw[-64:]) % 2 == 0)

    blocks, receipts = answers(make_chain(2))
    logs = [log for each in receipts for one in each for log in one["logs"]]
    return Target("recording", read, [_batch(*blocks, *receipts, logs)], "json", 25)


def _traces(folder: Path) -> Target:
    path = folder / "answers.json"
    block = answers(make_chain(1))[0][0]
    call = {
        "from": "0x" + "01" * 20,
        "to": "0x" + "02" * 20,
        "value": "0x1",
        "gas": "0x2",
        "gasUsed": "0x1",
        "input": "0x",
        "output": "0x12",
        "type": "CALL",
    }
    nested = {**call, "calls": [{**call, "error": "no"}, {**call, "type": "SELFDESTRUCT"}]}
    kinds: dict[str, list[int]] = {"call": [], "create": [0], "suicide": [1], "reward": []}
    flat = [
        {
            "action": {**call, "callType": "call", "init": "0x", "author": "0x" + "01" * 20},
            "blockNumber": 0,
            "result": {"gasUsed": "0x1", "output": "0x", "address": "0x" + "01" * 20, "code": "0x"},
            "subtraces": 0,
            "traceAddress": path_,
            "transactionHash": None if kind == "reward" else block["transactions"][0]["hash"],
            "transactionPosition": None if kind == "reward" else 0,
            "type": kind,
        }
        for kind, path_ in kinds.items()
    ]
    calls = [{"txHash": one["hash"], "result": nested} for one in block["transactions"]]

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        source = JsonRecording(folder)
        traces = source.fetch(Span(0, 0), Wanted(traces=True)).traces
        assert traces is not None
        traces.validate(full=True)
        return trace_rows(traces)

    return Target("traces", read, [_batch(block, flat), _batch(block, calls)], "json", 25)


def _batch(*results: Any) -> bytes:
    made = [{"jsonrpc": "2.0", "id": at, "result": one} for at, one in enumerate(results)]
    return json.dumps(made).encode()


def source_targets(folder: Path) -> list[Target]:
    """Return the targets; `folder` is scratch space."""
    folders = {name: folder / name for name in ("era1", "recording", "traces")}
    for one in folders.values():
        one.mkdir(parents=True)
    return [
        _era1(folders["era1"]),
        _stored("stored_header", lambda stored, raw: stored._replace(header=raw)),
        _stored("stored_body", lambda stored, raw: stored._replace(body=raw)),
        _stored("stored_receipts", lambda stored, raw: stored._replace(receipts=raw)),
        _recording(folders["recording"]),
        _traces(folders["traces"]),
    ]
