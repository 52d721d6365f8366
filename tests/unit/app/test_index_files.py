"""An index of era1 files and of recorded answers, from the command line."""

import json

import pytest
from tests.unit.app.program import Program
from tests.unit.index.made_chain import TOKEN, answers, make_chain, write_era1

_MANIFEST = f"""
from diptych.index import Manifest, entity, kinds

@entity
class Move:
    id: str
    amount: kinds.Uint256

manifest = Manifest("moves", entities=[Move])
token = manifest.contract("Token", abi="erc20", address="0x{TOKEN.hex()}")

@manifest.on(token.events.Transfer)
def moved(event, read):
    yield Move(id=event.id, amount=event.args["value"])
"""
_COUNTED = "select count(*) as n, sum(amount) as total from move"


def _files(kind: str, program: Program, count: int) -> None:
    folder = program.folder / kind
    folder.mkdir(exist_ok=True)
    chain = make_chain(count)
    if kind == "eras":
        write_era1(folder / "made-00000.era1", chain)
        return
    blocks, receipts = answers(chain)
    results = [{"jsonrpc": "2.0", "id": 1, "result": one} for one in (*blocks, *receipts)]
    (folder / "answers.json").write_text(json.dumps(results))


@pytest.mark.parametrize("kind", ["eras", "answers"])
def test_files_are_indexed_and_verified(book: Program, kind: str) -> None:
    _files(kind, book, 6)
    (book.folder / "moves.py").write_text(_MANIFEST)
    words = ("index", "run", "moves.py", "--files", kind, "--verify")
    first = book.ok(*words)
    blocks, receipts = answers(make_chain(6))
    topics = [log["topics"] for each in receipts for one in each for log in one["logs"]]
    moves = sum(1 for each in topics if each)
    assert (first["blocks"], first["events"]) == (len(blocks), moves)
    assert book.ok("index", "query", "moves", _COUNTED)["rows"][0]["n"] == moves


@pytest.mark.parametrize("kind", ["eras", "answers"])
def test_changed_files_stop_the_index(book: Program, kind: str) -> None:
    _files(kind, book, 4)
    path = next((book.folder / kind).iterdir())
    if kind == "eras":
        chain = make_chain(4)
        write_era1(path, [chain[0]._replace(receipts=chain[3].receipts), *chain[1:]])
    else:
        path.write_text(path.read_text().replace(TOKEN.hex(), "c1" * 20, 1))
    (book.folder / "moves.py").write_text(_MANIFEST)
    ran = book("index", "run", "moves.py", "--files", kind, "--verify", "--json")
    assert ran.error["code"] == "Chain.ProofMismatch"
    assert "block 0" in ran.error["message"]


def test_blocks_are_recorded_and_indexed_again(book: Program) -> None:
    _files("eras", book, 6)
    (book.folder / "moves.py").write_text(_MANIFEST)
    done = book.ok("index", "record", "kept", "--files", "eras", "--verify")
    assert (done["first"], done["last"], done["rows"]["blocks"]) == (0, 5, 6)
    book.ok("index", "run", "moves.py", "--files", "kept")
    moves = book.ok("index", "query", "moves", _COUNTED)["rows"][0]["n"]
    rows = book.ok("index", "record", "rows", "--files", "kept", "--as", "csv", "--last", "5")
    lines = (book.folder / "rows/token_transfers.csv").read_text().splitlines()
    assert len(lines) - 1 == moves > 0
    again = book("index", "record", "rows", "--files", "kept", "--as", "csv", "--json")
    assert again.error["code"] == "Index.WrongFiles"
    assert rows["rows"]["transactions"] == done["rows"]["transactions"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("kept", "--files", "eras", "--last", "99"), "Index.NotOffered"),
        (("kept", "--files", "eras", "--traces"), "Index.NotOffered"),
        (("eras", "--files", "eras", "--first", "3", "--last", "2"), "Index.NotOffered"),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    book: Program, words: tuple[str, ...], code: str
) -> None:
    _files("eras", book, 3)
    assert book("index", "record", *words, "--json").error["code"] == code
