"""The source of recorded JSON-RPC answers; all of them are held in memory."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.source.answers import RawBlock, RawLog, RawReceipt, RawTrace, as_struct
from diptych.index.source.assembling import chunk_of, last_ref
from diptych.index.source.normal import blocks_table, logs_table
from diptych.index.source.recording.answer_files import Answer, answer_files, read_answers
from diptych.index.source.selection import select_logs
from diptych.index.source.source import Identity, MalformedFile, NotOffered
from diptych.index.source.stored import StoredBlock
from diptych.index.source.traces import RawCallTrace, call_traces_table, traces_table
from diptych.index.verification.verifier import Verifier
from diptych.ledger.quantity import read_quantity

if TYPE_CHECKING:
    import pyarrow as pa

_EMPTY_BLOOM = 0


class JsonRecording:
    """Blocks of a folder of JSON-RPC answers."""

    def __init__(self, folder: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Read a folder.

        Args:
            folder: its files are read, not those of folders in it; or one file.
            sleep: waits some seconds.

        Raises:
            UsageError: no files.
            MalformedFile: a file holds something else, or two branches; the message names it.
        """
        self._name, self._sleep = f"recording:{folder.name}", sleep
        self._verifier = Verifier()
        self._blocks: dict[int, RawBlock] = {}
        self._receipts: dict[str, dict[int, RawReceipt]] = {}
        self._logs: dict[str, dict[int, RawLog]] = {}
        self._traces: dict[int, list[RawTrace]] = {}
        self._calls: dict[int, list[RawCallTrace]] = {}
        loose: list[Answer] = []
        for answer in read_answers(answer_files(folder)):
            self._take(answer, loose)
        self._place_calls(loose)
        if not self._blocks:
            raise MalformedFile(f"{folder.name}: got no blocks, expected some beside logs")

    def _take(self, answer: Answer, loose: list[Answer]) -> None:
        take: dict[str, Callable[[Any], None]] = {
            "block": self._take_block,
            "receipts": self._take_receipts,
            "logs": self._take_logs,
            "traces": self._take_traces,
            "calls": lambda _: loose.append(answer),
        }
        try:
            take[answer.kind](answer.value)
        except LedgerError as error:
            raise MalformedFile(f"{answer.where}: {error.message}") from None
        except RecursionError:
            raise MalformedFile(f"{answer.where}: got calls nested too deep") from None

    def _take_block(self, value: Any) -> None:
        block = as_struct(value, RawBlock)
        number = read_quantity(block.number, "number", bits=63)
        known = self._blocks.get(number)
        if known is not None and known.hash.lower() != block.hash.lower():
            raise MalformedFile(f"got two blocks {number}: {known.hash} and {block.hash}")
        if known is None or _is_whole(block):
            self._blocks[number] = block

    def _take_receipts(self, value: Any) -> None:
        for receipt in as_struct(value, list[RawReceipt]):
            place = read_quantity(receipt.transaction_index, "transactionIndex", bits=31)
            self._receipts.setdefault(receipt.block_hash.lower(), {})[place] = receipt

    def _take_logs(self, value: Any) -> None:
        for log in as_struct(value, list[RawLog]):
            place = read_quantity(log.log_index, "logIndex", bits=31)
            self._logs.setdefault(log.block_hash.lower(), {})[place] = log

    def _take_traces(self, value: Any) -> None:
        for trace in as_struct(value, list[RawTrace]):
            self._traces.setdefault(trace.block_number, []).append(trace)

    def _place_calls(self, answers: Iterable[Answer]) -> None:
        """Find the block of traces that do not name it, by their request or first transaction."""
        heights = {
            (each if isinstance(each, str) else each.hash).lower(): number
            for number, block in self._blocks.items()
            for each in block.transactions
        }
        for answer in answers:
            try:
                calls = as_struct(answer.value, list[RawCallTrace])
            except (LedgerError, RecursionError) as error:
                raise MalformedFile(f"{answer.where}: {error}") from None
            told = answer.params[0] if answer.params else None
            number = None if told is None else read_quantity(told, "params[0]", bits=63)
            if number is None:
                number = heights.get((calls[0].tx_hash or "").lower())
            if number is None:
                raise MalformedFile(f"{answer.where}: got traces of an unknown block")
            self._calls[number] = calls

    def identity(self) -> Identity:
        """Return the first block recorded; the recording does not say which chain it is of."""
        first = min(self._blocks)
        return Identity(None, self._ref(first).hash, first, self._name)

    def head(self) -> BlockRef:
        """Return the last block recorded."""
        return self._ref(max(self._blocks))

    def header(self, number: int) -> BlockRef | None:
        """Return a block, None if it was not recorded."""
        return self._ref(number) if number in self._blocks else None

    def wait(self, timeout_s: float) -> None:
        """Wait; recordings do not grow."""
        self._sleep(timeout_s)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span.

        Raises:
            NotOffered: something of it was not recorded.
            ProofMismatch: with `wanted.verified`, a block is not what its header commits to.
        """
        missing = next((n for n in range(span.first, span.last + 1) if n not in self._blocks), None)
        if missing is not None or span.blocks < 1:
            raise NotOffered(f"block {missing} of {span.first} to {span.last} was not recorded")
        blocks = [self._blocks[number] for number in range(span.first, span.last + 1)]
        traces = self._span_traces(span) if wanted.traces else None
        if wanted.verified or wanted.receipts or not self._logs:
            whole = [self._stored(block, wanted) for block in blocks]
            if wanted.verified:
                for block, receipts in whole:
                    self._verifier.block(block, receipts)
            return chunk_of(span, whole, wanted, traces=traces)
        bare = [StoredBlock(block, []) for block in blocks]
        chunk = chunk_of(span, bare, wanted, traces=traces)
        return replace(chunk, logs=self._span_logs(blocks, wanted)) if wanted.logs else chunk

    def _stored(self, block: RawBlock, wanted: Wanted) -> StoredBlock:
        if not (wanted.logs or wanted.receipts or wanted.verified):
            return StoredBlock(block, [])
        found = self._receipts.get(block.hash.lower(), {})
        places = range(len(block.transactions))
        if set(found) != set(places):
            raise NotOffered(
                f"block {int(block.number, 16)}: got {len(found)} receipts of {len(places)} "
                "transactions in the recording"
            )
        return StoredBlock(block, [found[place] for place in places])

    def _span_logs(self, blocks: list[RawBlock], wanted: Wanted) -> "pa.Table":
        """Return recorded logs; where there are none, receipts or an empty bloom must say so."""
        logs: list[RawLog] = []
        for block in blocks:
            found = self._logs.get(block.hash.lower())
            if found is not None:
                logs += [found[place] for place in sorted(found)]
            elif int(block.logs_bloom, 16) != _EMPTY_BLOOM:
                receipts = self._stored(block, wanted).receipts
                logs += [log for receipt in receipts for log in receipt.logs]
        return select_logs(logs_table(logs), wanted)

    def _span_traces(self, span: Span) -> "pa.Table":
        import pyarrow as pa

        numbers = range(span.first, span.last + 1)
        missing = [n for n in numbers if n not in self._traces and n not in self._calls]
        if any(self._blocks[number].transactions for number in missing):
            raise NotOffered(f"traces of block {missing[0]} were not recorded")
        tables = [traces_table(self._traces.get(number, [])) for number in numbers]
        called = [
            (n, self._calls[n]) for n in numbers if n in self._calls and n not in self._traces
        ]
        return pa.concat_tables([*tables, call_traces_table(called)]).sort_by("block_number")

    def _ref(self, number: int) -> BlockRef:
        return last_ref(blocks_table([self._blocks[number]]))


def _is_whole(block: RawBlock) -> bool:
    return not any(isinstance(each, str) for each in block.transactions)
