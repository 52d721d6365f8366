"""Blocks of real chains, where the shared data is at hand: no root, bloom or row may differ."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.source.answers import RawBlock, as_struct
from diptych.index.source.bounded import read_json
from diptych.index.source.era1.source import Era1Source
from diptych.index.source.normal import block_transactions, blocks_table, transactions_table
from diptych.index.source.recording.json_source import JsonRecording
from diptych.index.source.stored import Stored, read_block
from diptych.index.verification.keccak import new_keccak
from diptych.index.verification.verifier import Verifier
from diptych_verify.receipt import parse_header, verify_event

DATA = Path(__file__).parents[4] / "shared/data/watch"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")
ERA1 = sorted(DATA.glob("sepolia-era/*.era1"))


def stored_blocks() -> list[Stored]:
    blocks = []
    for path in sorted(DATA.glob("mainnet-receipts/*.yaml.gz")):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        parts = dict(line.split(": 0x", 1) for line in lines if ": 0x" in line)
        header, body, receipts = (
            bytes.fromhex(parts[name]) for name in ("header", "body", "receipts")
        )
        blocks.append(Stored(header, body, receipts))
    return blocks


def test_whole_blocks_and_a_proof_of_every_log() -> None:
    kinds: Counter[str | None] = Counter()
    verifier, keccak, logs = Verifier(), new_keccak(), 0
    for stored in stored_blocks():
        read = read_block(stored, keccak)
        evidence = verifier.block(read.block, read.receipts)
        assert evidence.header == stored.header
        kinds.update(receipt.type for receipt in read.receipts)
        header = parse_header(evidence.header)
        for place, receipt in enumerate(read.receipts):
            if not receipt.logs or evidence.trie is None:
                continue
            proof = evidence.trie.proof(place)
            last = len(receipt.logs) - 1
            event = verify_event(header, place, proof, log_index=last, max_bytes=16 << 20)
            assert "0x" + event.data.hex() == receipt.logs[last].data
            logs += len(receipt.logs)
    assert logs > 0
    assert len(kinds) >= 3


@pytest.mark.parametrize("part", range(3))
def test_blocks_as_an_endpoint_tells_them(part: int) -> None:
    verifier = Verifier()
    for path in sorted(DATA.glob("mainnet-blocks/*.block.json.gz"))[part::3]:
        told = read_json(gzip.decompress(path.read_bytes()), max_bytes=1 << 26)
        block = as_struct(told, RawBlock)
        evidence = verifier.block(block)
        assert evidence.transactions == len(told["transactions"])
        rows = transactions_table(block_transactions([block])).to_pylist()
        assert blocks_table([block])["transaction_count"].to_pylist() == [len(rows)]
        for row, one in zip(rows, told["transactions"], strict=True):
            assert "0x" + row["from_address"].hex() == one["from"].lower()
            assert int.from_bytes(row["value"], "big") == int(one["value"], 16)
            assert "0x" + row["input"].hex() == one["input"]


def test_files_and_endpoints_tell_the_same() -> None:
    compared = 0
    for stored in stored_blocks():
        read = read_block(stored, new_keccak())
        path = DATA / f"mainnet-blocks/{int(read.block.number, 16)}.block.json.gz"
        if not path.is_file():
            continue
        told = read_json(gzip.decompress(path.read_bytes()), max_bytes=1 << 26)
        block = as_struct(told, RawBlock)
        for make in (blocks_table, lambda each: transactions_table(block_transactions(each))):
            ours, theirs = make([read.block]), make([block])
            for name in set(ours.schema.names) - {"total_difficulty"}:
                assert ours[name].equals(theirs[name]), (block.number, name)
        compared += 1
    if not compared:
        pytest.skip("no block is in both folders")


@pytest.mark.skipif(not ERA1, reason="no era1 file")
def test_an_era1_file_is_read_whole() -> None:
    wanted = Wanted(logs=(LogSelector(),), transactions=True, receipts=True)
    with Era1Source([ERA1[0].parent]) as source:
        first, last = source.identity().first, source.head().number
        count = 0
        for start in range(first, last + 1, 1024):
            chunk = source.fetch(Span(start, min(last, start + 1023)), wanted)
            assert chunk.transactions is not None
            assert sum(chunk.blocks["transaction_count"].to_pylist()) == chunk.transactions.num_rows
            count += chunk.blocks.num_rows
    assert count == last - first + 1


def test_recorded_answers_are_a_source() -> None:
    folder = DATA / "etl-fixtures/test_export_blocks_job/blocks_with_transactions"
    source = JsonRecording(folder)
    numbers = sorted(
        int(json.loads(path.read_text())["result"]["number"], 16) for path in folder.glob("web3*")
    )
    chunk = source.fetch(Span(numbers[0], numbers[-1]), Wanted(transactions=True))
    assert chunk.blocks["number"].to_pylist() == numbers
    assert source.head().number == numbers[-1]
