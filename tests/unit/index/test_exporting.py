"""Exports hold what stood at a block, whole or not at all."""

import csv
import json
import random
from pathlib import Path

import pyarrow.parquet
import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, transfer

import diptych
from diptych.app.verbs.index.exporting import CannotExport, export_index
from diptych.app.verbs.index.rows import open_rows
from diptych.app.verbs.index.run import index_home
from diptych.core.secret import Secret
from diptych.index import Indexer
from diptych.index.engine.home import Known, NoIndex
from diptych.index.manifest.ready.erc20 import erc20
from diptych.index.query.standing import NotIndexed

AMOUNT = 1 << 200


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> diptych.Workspace:
    folder = tmp_path_factory.mktemp("book")
    made = diptych.create(folder, prompt=lambda reason: Secret("of a test"))
    rng = random.Random(1)
    chain = HandMadeChain()
    for _ in range(20):
        chain.mine(*(transfer(rng.randrange(4), rng.randrange(4), AMOUNT) for _ in range(3)))
    manifest = erc20("0x" + TOKEN.hex(), name="tokens")
    home = index_home(made, "tokens")
    home.folder.mkdir(parents=True)
    entities = list(manifest.entities.values())
    with open_rows(made, home, manifest.digest(), entities) as store:
        Indexer(manifest, chain, store).catch_up()
    home.switch(Known(manifest.digest(), "tokens.py", "a test's chain"))
    return made


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_every_form_holds_the_same_rows(book: diptych.Workspace, tmp_path: Path, form: str) -> None:
    done = export_index(book, "tokens", tmp_path / "out", form=form)
    path = tmp_path / "out" / f"balance.{form}"
    if form == "parquet":
        rows = pyarrow.parquet.read_table(path).to_pylist()
    elif form == "csv":
        with path.open() as stream:
            rows = list(csv.DictReader(stream))
    else:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(rows) == done.rows["balance"] == 4
    assert sum(int(row["amount"]) for row in rows) == 0
    assert any(abs(int(row["amount"])) >= AMOUNT for row in rows)
    note = json.loads((tmp_path / "out" / "index.json").read_text())
    assert (note["index"], note["block"], note["rows"]["transfer"]) == ("tokens", 19, 60)


def test_a_past_block_has_its_rows(book: diptych.Workspace, tmp_path: Path) -> None:
    done = export_index(book, "tokens", tmp_path / "out", block=4, form="json")
    assert done.rows["transfer"] == 15
    rows = (tmp_path / "out" / "token.json").read_text().splitlines()
    assert [json.loads(row)["transfer_count"] for row in rows] == [15]


def test_what_cannot_be_exported_leaves_nothing(book: diptych.Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(NotIndexed):
        export_index(book, "tokens", out, block=20)
    with pytest.raises(CannotExport):
        export_index(book, "tokens", out, form="xlsx")
    with pytest.raises(NoIndex):
        export_index(book, "other", out)
    assert list(tmp_path.iterdir()) == []
    export_index(book, "tokens", out)
    with pytest.raises(CannotExport, match="already"):
        export_index(book, "tokens", out)
