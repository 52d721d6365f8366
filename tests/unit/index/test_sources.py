"""Sources of files: era1, JSON answers and Parquet show the same chain, or say what is wrong."""

import gzip
import json
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from eth_hash.auto import keccak
from pyarrow.parquet import write_table
from tests.unit.index.made_chain import (
    SENDER,
    TOKEN,
    TRANSFER,
    answers,
    make_block,
    make_chain,
    write_era1,
)

from diptych.core.errors import UsageError
from diptych.index.blocks import Chunk, LogSelector, Span, Wanted
from diptych.index.source.checks import check_source
from diptych.index.source.era1.source import Era1Source
from diptych.index.source.recording.json_source import JsonRecording
from diptych.index.source.recording.parquet_source import ParquetRecording
from diptych.index.source.recording.recorder import Recorder
from diptych.index.source.source import MalformedFile, NotOffered, Source
from diptych.index.source.stored import Stored
from diptych.ledger.header import ProofMismatch

COUNT = 7
EVERYTHING = Wanted(logs=(LogSelector(),), transactions=True, receipts=True)
WHOLE = Span(0, COUNT - 1)


def era1(folder: Path) -> Source:
    chain = make_chain(COUNT)
    write_era1(folder / "made-00000-b.era1", chain[:3])
    write_era1(folder / "made-00001-a.era1", chain[3:])
    return Era1Source([folder])


def json_files(folder: Path) -> Source:
    blocks, receipts = answers(make_chain(COUNT))
    for number, block in enumerate(blocks):
        answer = {"jsonrpc": "2.0", "id": 1, "result": block}
        (folder / f"block_{number}.json").write_text(json.dumps(answer))
    (folder / "chain_id.json").write_text('{"jsonrpc": "2.0", "id": 1, "result": "0x1"}')
    lines = [json.dumps({"jsonrpc": "2.0", "id": 1, "result": each}) for each in receipts[:4]]
    (folder / "receipts.jsonl").write_text("\n".join(lines))
    with gzip.open(folder / "more.json.gz", "wt") as file:
        json.dump([one for each in receipts[4:] for one in each], file)
    return JsonRecording(folder)


def parquet(folder: Path) -> Source:
    source = era1(folder)
    recorder = Recorder(folder / "recording", EVERYTHING, chain_id=1)
    recorder.add(source.fetch(Span(0, 2), EVERYTHING))
    recorder.add(source.fetch(Span(3, COUNT - 1), EVERYTHING))
    recorder.close()
    return ParquetRecording(folder / "recording")


SOURCES = {"era1": era1, "json": json_files, "parquet": parquet}


@pytest.mark.parametrize("kind", SOURCES)
def test_each_source_passes_the_suite(kind: str, tmp_path: Path) -> None:
    results = check_source(SOURCES[kind](tmp_path), WHOLE)
    assert [result for result in results if not result.is_passed] == []


def test_all_sources_show_the_same_rows(tmp_path: Path) -> None:
    chunks = []
    for kind, make in SOURCES.items():
        (tmp_path / kind).mkdir()
        chunks.append(make(tmp_path / kind).fetch(WHOLE, EVERYTHING))
    for name in ("blocks", "logs", "transactions", "receipts"):
        tables = [getattr(chunk, name) for chunk in chunks]
        assert tables[0].equals(tables[1]), name
        assert tables[0].equals(tables[2]), name
        tables[0].validate(full=True)
    assert chunks[0].last == chunks[1].last == chunks[2].last


def test_rows_say_what_the_chain_says(tmp_path: Path) -> None:
    chunk = era1(tmp_path).fetch(Span(0, 0), EVERYTHING)
    assert chunk.transactions is not None
    assert chunk.receipts is not None
    sent = chunk.transactions.to_pylist()
    assert sent[3]["from_address"].hex() == SENDER[2:]
    assert int.from_bytes(sent[3]["value"], "big") == 5
    assert int.from_bytes(sent[3]["gas_price"], "big") == 10**9 + 7
    assert sent[6]["to_address"] is None
    assert chunk.receipts.to_pylist()[6]["contract_address"] is not None
    assert chunk.logs.filter(pa.compute.is_valid(chunk.logs["topic0"]))["topic0"][0].as_py() == (
        TRANSFER
    )


def test_a_suite_finds_a_source_that_lies(tmp_path: Path) -> None:
    class Lying(Era1Source):
        def fetch(self, span: Span, wanted: Wanted) -> Chunk:
            return super().fetch(span, Wanted(logs=(LogSelector(),)))

    era1(tmp_path)
    results = check_source(Lying([tmp_path]), WHOLE)
    failed = {result.name for result in results if not result.is_passed}
    assert {"nothing wanted", "chosen logs", "transactions and receipts", "traces"} <= failed


def test_choices_of_logs(tmp_path: Path) -> None:
    source = era1(tmp_path)
    chosen = Wanted(logs=(LogSelector(frozenset((TOKEN,)), frozenset((TRANSFER,))),))
    logs = source.fetch(WHOLE, chosen).logs
    assert 0 < logs.num_rows < source.fetch(WHOLE, Wanted(logs=(LogSelector(),))).logs.num_rows
    assert set(logs["address"].to_pylist()) == {TOKEN}


def test_files_of_a_chain_must_fit(tmp_path: Path) -> None:
    chain = make_chain(COUNT)
    write_era1(tmp_path / "a.era1", chain[:2])
    write_era1(tmp_path / "b.era1", chain[3:])
    with pytest.raises(UsageError, match="without gap"):
        Era1Source([tmp_path])
    other = [make_block(2, b"\x05" * 32, total=9)]
    write_era1(tmp_path / "c.era1", other)
    source = Era1Source([tmp_path])
    with pytest.raises(MalformedFile, match=r"c\.era1: block 2 does not follow"):
        source.fetch(Span(2, 2), EVERYTHING)
    with pytest.raises(UsageError, match="got 0 era1 files"):
        Era1Source([])


def test_a_chain_may_have_many_files(tmp_path: Path) -> None:
    chain = make_chain(12)
    for number, stored in enumerate(chain):
        write_era1(tmp_path / f"{number:02}.era1", [stored])
    expected = era1_of(tmp_path / "whole", chain).fetch(Span(0, 11), EVERYTHING)
    with Era1Source([tmp_path]) as source:
        chunk = source.fetch(Span(0, 11), EVERYTHING)
        assert len(source._open_files) < 12
        assert chunk.logs.equals(expected.logs)
        (tmp_path / "00.era1").write_bytes((tmp_path / "01.era1").read_bytes())
        with pytest.raises(MalformedFile, match=r"00\.era1: got other blocks than at first"):
            source.fetch(Span(0, 0), EVERYTHING)


def era1_of(folder: Path, chain: list[Stored]) -> Era1Source:
    folder.mkdir()
    write_era1(folder / "all.era1", chain)
    return Era1Source([folder])


def test_an_accumulator_must_be_that_of_the_headers(tmp_path: Path) -> None:
    write_era1(tmp_path / "a.era1", make_chain(2), root=b"\x01" * 32)
    with pytest.raises(MalformedFile, match=r"a\.era1: got accumulator 0101"):
        Era1Source([tmp_path]).fetch(Span(0, 1), EVERYTHING)
    unchecked = Era1Source([tmp_path], verified=False)
    assert unchecked.fetch(Span(0, 1), EVERYTHING).blocks.num_rows == 2
    write_era1(tmp_path / "a.era1", make_chain(2)).rename(tmp_path / "a-00000-00000001.era1")
    with pytest.raises(MalformedFile, match="got a name with 00000001"):
        Era1Source([tmp_path]).head()


def test_a_changed_receipt_is_found_and_named(tmp_path: Path) -> None:
    chain = make_chain(3)
    chain[1] = chain[1]._replace(receipts=make_chain(5)[4].receipts)
    write_era1(tmp_path / "a.era1", chain)
    with pytest.raises(ProofMismatch, match=r"a\.era1: block 1: .*receiptsRoot"):
        Era1Source([tmp_path]).fetch(Span(0, 2), EVERYTHING)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_refused_by_name(seed: int, tmp_path: Path) -> None:
    path = write_era1(tmp_path / "a.era1", make_chain(3))
    good, draw = path.read_bytes(), Random(seed)
    at = draw.randrange(len(good))
    bad = good[:at] if seed % 2 else good[:at] + bytes([good[at] ^ 1 << draw.randrange(8)])
    expected = Era1Source([path]).fetch(Span(0, 2), EVERYTHING)
    path.write_bytes(bad if seed % 2 else bad + good[at + 1 :])
    problem, found = _fetched(path)
    if found is None:
        assert problem.startswith("a.era1: ")
        return
    # A run of zeros may be compressed in several ways.
    assert seed % 2 == 0
    assert found.logs.equals(expected.logs)
    assert found.blocks.equals(expected.blocks)


def _fetched(path: Path) -> tuple[str, Chunk | None]:
    try:
        return "", Era1Source([path]).fetch(Span(0, 2), EVERYTHING)
    except (MalformedFile, ProofMismatch) as error:
        return error.message, None


def test_what_files_do_not_hold_is_refused(tmp_path: Path) -> None:
    source = era1(tmp_path)
    with pytest.raises(NotOffered, match="no traces"):
        source.fetch(WHOLE, Wanted(traces=True))
    with pytest.raises(NotOffered, match="hold 0 to 6"):
        source.fetch(Span(0, 7), EVERYTHING)
    waits: list[float] = []
    Era1Source([tmp_path], sleep=waits.append).wait(3.0)
    assert waits == [3.0]


def _logs_only(folder: Path) -> None:
    (folder / "receipts.jsonl").unlink()
    (folder / "more.json.gz").unlink()


def test_recorded_logs_serve_without_receipts(tmp_path: Path) -> None:
    source = json_files(tmp_path)
    expected = source.fetch(WHOLE, Wanted(logs=(LogSelector(),))).logs
    receipts = answers(make_chain(COUNT))[1]
    logs = [log for each in receipts for one in each for log in one["logs"]]
    _logs_only(tmp_path)
    (tmp_path / "logs.json").write_text(json.dumps(logs))
    source = JsonRecording(tmp_path)
    assert source.fetch(WHOLE, Wanted(logs=(LogSelector(),))).logs.equals(expected)
    with pytest.raises(NotOffered, match="0 receipts of 8"):
        source.fetch(WHOLE, Wanted(logs=(LogSelector(),), verified=True))


def test_recorded_lies_are_found(tmp_path: Path) -> None:
    json_files(tmp_path)
    path = tmp_path / "block_1.json"
    answer = json.loads(path.read_text())
    answer["result"]["transactions"][3]["value"] = "0x6"
    path.write_text(json.dumps(answer))
    source = JsonRecording(tmp_path)
    assert source.fetch(WHOLE, Wanted(transactions=True)).transactions is not None
    with pytest.raises(ProofMismatch, match=r"block 0x1 .*transaction 3: hash"):
        source.fetch(WHOLE, Wanted(verified=True, transactions=True))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", "{", "a.json: got JSON that cannot"),
        ("a.json", "[" * 100_000, "a.json: got JSON nested deeper"),
        ("a.json.gz", "plain", "a.json.gz: cannot be read"),
        ("a.jsonl", '\n{"jsonrpc": "2.0", "error": {"code": 1}}', "a.jsonl line 2: got an error"),
        ("a.json", '{"parentHash": "0x"}', "a.json: got an answer that cannot be read"),
        ("a.json", '[{"topics": 5}]', "a.json: got an answer that cannot be read"),
        ("a.json", '[{"result": {"type": "CALL"}}]', "unknown block"),
    ],
)
def test_bad_recordings_name_the_file(
    name: str, content: str, problem: str, tmp_path: Path
) -> None:
    json_files(tmp_path)
    (tmp_path / name).write_text(content)
    with pytest.raises(MalformedFile, match=problem.replace("[", r"\[")):
        JsonRecording(tmp_path)


def test_one_file_may_be_a_recording(tmp_path: Path) -> None:
    blocks, receipts = answers(make_chain(2))
    results = [*blocks, *receipts]
    path = tmp_path / "all.json"
    path.write_text(json.dumps([{"jsonrpc": "2.0", "id": 1, "result": one} for one in results]))
    assert JsonRecording(path).fetch(Span(0, 1), EVERYTHING).blocks.num_rows == 2
    for name in ("missing", "all.txt"):
        with pytest.raises(UsageError, match="no folder of JSON answers"):
            JsonRecording(tmp_path / name)


def test_two_branches_in_a_recording_are_refused(tmp_path: Path) -> None:
    json_files(tmp_path)
    other = answers([make_block(2, b"\x05" * 32)])[0]
    (tmp_path / "other.json").write_text(json.dumps(other[0]))
    with pytest.raises(MalformedFile, match=r"other\.json: got two blocks 2"):
        JsonRecording(tmp_path)


def test_a_parquet_recording_says_what_it_lacks(tmp_path: Path) -> None:
    source = era1(tmp_path)
    wanted = Wanted(logs=(LogSelector(frozenset((TOKEN,))),))
    recorder = Recorder(tmp_path / "some", wanted)
    recorder.add(source.fetch(Span(1, 4), wanted))
    with pytest.raises(UsageError, match="expected 5"):
        recorder.add(source.fetch(Span(1, 4), wanted))
    recorder.close()
    some = ParquetRecording(tmp_path / "some")
    assert some.fetch(Span(1, 4), wanted).logs.equals(source.fetch(Span(1, 4), wanted).logs)
    assert some.identity().first == 1
    for asked, problem in (
        (EVERYTHING, "other logs"),
        (Wanted(transactions=True), "no transactions"),
        (Wanted(verified=True), "cannot|too little"),
    ):
        with pytest.raises(NotOffered, match=problem):
            some.fetch(Span(1, 4), asked)
    with pytest.raises(UsageError, match="holds a recording"):
        Recorder(tmp_path / "some", wanted)
    (tmp_path / "some" / "logs.parquet").write_bytes(b"PAR1")
    with pytest.raises(MalformedFile, match=r"logs\.parquet"):
        ParquetRecording(tmp_path / "some")
    with pytest.raises(UsageError, match=r"no recording\.json"):
        ParquetRecording(tmp_path)


def test_a_group_of_very_many_rows_is_refused(tmp_path: Path) -> None:
    parquet(tmp_path)
    rows = pa.table({"number": pa.array(np.zeros(1_100_000, np.int64))})
    path = tmp_path / "recording" / "blocks.parquet"
    write_table(rows, path, row_group_size=2_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(MalformedFile, match=r"blocks\.parquet: got a group of 1100000 rows"):
        ParquetRecording(tmp_path / "recording")


def test_hashes_of_blocks_are_those_of_headers(tmp_path: Path) -> None:
    head = era1(tmp_path).head()
    assert head.hash == keccak(make_chain(COUNT)[-1].header)
