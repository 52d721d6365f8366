"""`data impact --row`: which models ever saw this row of a table?"""

import json
from pathlib import Path

import pytest
from tests.unit.app.program import Program
from tests.unit.app.test_data_impact import model, models, opened

from diptych.app.verbs.data.sought_row import BadRow
from diptych.app.workspace import Workspace

__all__ = ["opened"]

FIRST = "id,age\nP-1,40\nP-2,41\n1003,42\n"
ROW = '{"id": "P-1", "age": 40}'


@pytest.fixture
def private(book: Program, opened: Workspace) -> Program:
    """A private table in two versions and a model of each; the files themselves are gone."""
    for number, text in enumerate([FIRST, FIRST.replace("P-1,40", "P-1,50")], start=1):
        (book.folder / "t.csv").write_text(text)
        book.ok("data", "add-table", "t.csv", "--subject", "id", "--name", "t")
        model(opened, f"m{number}", trainedOn=f"t@{number}")
    (book.folder / "t.csv").unlink()
    return book


def asked(book: Program, row: str) -> list[tuple[str, bool]]:
    return models(book.ok("data", "impact", row, "--row"))


def test_a_row_of_public_tables_whose_file_is_kept(book: Program, opened: Workspace) -> None:
    (book.folder / "t.csv").write_text(FIRST)
    opened.data.add("t.csv", store=True)
    model(opened, "m", trainedOn="t@1")
    model(opened, "tuned", fineTunedFrom="m@1")
    (book.folder / "t.csv").write_text(FIRST.replace("P-1,40", "P-1,50"))
    opened.data.add("t.csv", store=True)
    model(opened, "n", trainedOn="t@2")
    (book.folder / "t.csv").unlink()
    assert asked(book, ROW) == [("m@1", False), ("tuned@1", False)]
    assert asked(book, '{"id": "P-1", "age": 50}') == [("n@1", False)]
    assert asked(book, '{"id": "P-1"}') == [("m@1", False), ("n@1", False), ("tuned@1", False)]
    for other in ('{"id": "P-2", "age": 40}', '{"id": "P-1", "age": 40, "site": "A"}'):
        assert asked(book, other) == []


def test_a_row_of_private_tables(private: Program) -> None:
    assert asked(private, ROW) == [("m1@1", False)]
    assert asked(private, '{"age": 40}') == [("m1@1", False)]
    assert asked(private, '{"id": "P-2", "age": "41"}') == [("m1@1", False), ("m2@1", False)]
    assert asked(private, '{"id": 1003.0, "age": 42}') == [("m1@1", False), ("m2@1", False)]
    for other in ('{"id": "P-1", "age": 41}', '{"id": "P-9", "age": 40}', '{"sex": "F"}'):
        found = private.ok("data", "impact", other, "--row")
        assert (found["found"], found["skipped"]) == ([], [])


def test_a_row_of_a_file_from_standard_input_and_from_python(
    private: Program, opened: Workspace
) -> None:
    (private.folder / "now.csv").write_text(FIRST)
    assert asked(private, "now.csv:1") == [("m1@1", False)]
    assert asked(private, "now.csv:2") == [("m1@1", False), ("m2@1", False)]
    ran = private("data", "impact", "-", "--row", "--json", stdin=ROW.encode())
    assert models(json.loads(ran.out)) == [("m1@1", False)]
    found = opened.data.impact({"id": "P-1", "age": 50})
    assert [one.judged.name for one in found.models] == ["m2@1"]
    with pytest.raises(BadRow):
        opened.data.impact({"id": "P-1", "age": float("nan")})


def test_an_erased_row_is_like_one_that_never_was(private: Program) -> None:
    """Before, during and after: nothing but what is left can be asked; every other row can."""
    private("data", "erase", "t", "--subject", "P-1")
    true, false = (
        private("data", "impact", row, "--row", "--json").out
        for row in (ROW, '{"id": "P-7", "age": 40}')
    )
    assert true == false
    found = json.loads(true)
    assert found["found"] == found["models"] == []
    assert ["cannot be told" in one for one in found["skipped"]] == [True, True]
    assert asked(private, '{"id": "P-2", "age": 41}') == [("m1@1", False), ("m2@1", False)]


def test_an_erased_field_confirms_nothing_but_the_others_still_do(private: Program) -> None:
    private("data", "erase", "t", "--subject", "P-1", "--column", "age")
    assert asked(private, ROW) == asked(private, '{"id": "P-1", "age": 99}') == []
    assert asked(private, '{"id": "P-1", "age": null}') == []
    assert asked(private, '{"id": "P-1"}') == [("m1@1", False), ("m2@1", False)]
    assert asked(private, '{"id": "P-2", "age": 41}') == [("m1@1", False), ("m2@1", False)]


def test_asking_leaves_no_trace(private: Program) -> None:
    asked(private, ROW)
    before = contents(private.folder)
    for row in (ROW, '{"id": "P-77", "age": 40}'):
        asked(private, row)
    assert contents(private.folder) == before


def test_tables_that_could_not_be_looked_into_are_named(
    private: Program, opened: Workspace
) -> None:
    opened.data.add("study", name="folder", private=True)
    (private.folder / "u.csv").write_text(FIRST)
    opened.data.add("u.csv")
    (private.folder / "u.csv").unlink()
    found = private.ok("data", "impact", ROW, "--row")
    assert len(found["skipped"]) == 2
    assert "no table that is kept by rows" in found["skipped"][0]
    assert "u.csv is not kept here" in found["skipped"][1]
    (private.folder / ".diptych" / "private" / "datakeys.sqlite").unlink()
    lost = private.ok("data", "impact", ROW, "--row")
    assert lost["found"] == []
    assert len(lost["skipped"]) == 4


def test_many_that_could_not_be_looked_into_are_counted(book: Program, opened: Workspace) -> None:
    for number in range(22):
        (book.folder / "u.csv").write_text(f"id\n{number}\n")
        opened.data.add("u.csv")
    (book.folder / "u.csv").unlink()
    skipped = book.ok("data", "impact", '{"id": 1}', "--row")["skipped"]
    assert (len(skipped), skipped[-1]) == (21, "and 2 more")


@pytest.mark.parametrize(
    "row",
    [
        "{}",
        "{",
        "[1]",
        '{"id": [1]}',
        '{"id": NaN}',
        '{"id": 1, "id": 2}',
        "t.csv",
        "study/a.csv:9",
    ],
)
def test_what_is_no_row_is_refused_without_quoting_it(book: Program, row: str) -> None:
    error = book.refused("data", "impact", row, "--row", code=2)
    assert error["code"] == "Impact.BadRow"
    assert book.refused("data", "impact", "no.csv:1", "--row", code=2)["code"] == "Table.Unknown"
    secret = book.refused("data", "impact", '{"id": "Ann Q', "--row", code=2)
    assert "Ann" not in str(secret)
    both = book.refused("data", "impact", ROW, "--row", "--subject", code=2)
    assert both["code"] == "Impact.BadRow"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }
