"""`diptych data add-table`, `disclose`, `compare` and `erase`, as people use them."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.program import PASSPHRASE, Program
from tests.unit.private.forensics import plain_traces, traces

import diptych
from diptych.app.verbs.data.table import seal_table
from diptych.data.tables import TableOptions
from diptych_verify.bundle import parse_bundle

COLUMNS = ("USUBJID", "VISIT", "ENDPOINT", "REMARK")


def rows_of(subjects: int, visits: int = 2) -> list[list[Any]]:
    return [
        [f"STUDY-{one:04d}", visit, f"response-{one % 7}", f"remark-of-{one:04d}-at-{visit}"]
        for one in range(subjects)
        for visit in range(visits)
    ]


def write_table(path: Path, rows: list[list[Any]]) -> Path:
    types = {"VISIT": "integer"}
    keys = {"USUBJID": 1, "VISIT": 2}
    columns = [
        {
            **{"itemOID": f"IT.{name}", "name": name, "label": name},
            "dataType": types.get(name, "string"),
            **({"keySequence": keys[name]} if name in keys else {}),
        }
        for name in COLUMNS
    ]
    document = {
        "datasetJSONCreationDateTime": "2026-11-23T09:00:00",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.RS",
        "records": len(rows),
        "name": "RS",
        "label": "Response",
        "columns": columns,
        "rows": rows,
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def trial(book: Program) -> Program:
    """A workspace in which a table of 12 subjects was sealed and then moved away."""
    path = write_table(book.folder / "rs.json", rows_of(12))
    book.ok("data", "add-table", "rs.json", "--subject", "USUBJID", "--name", "rs")
    path.rename(book.folder.parent / "rs.json")
    return book


def every_byte(program: Program) -> dict[str, bytes]:
    found = (path for path in program.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(program.folder)): path.read_bytes() for path in found}


def untampered(evidence: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in evidence["answers"] if one["question"] == "untampered"
    )
    return found


def test_one_subject_is_disclosed_and_proven_offline(trial: Program) -> None:
    made = trial.ok(
        *("data", "disclose", "rs", "--subject", "STUDY-0003", "--column", "ENDPOINT"),
        *("-o", "a.diptych.json"),
    )
    assert (made["rows"], made["fields"]) == (2, 2)
    raw = (trial.folder / "a.diptych.json").read_bytes()
    assert [one.value for one in parse_bundle(raw).disclosed] == ["response-3"] * 2
    assert b"remark" not in raw
    assert b"STUDY-" not in raw
    trial.ok("export", "policy", "policy.toml")
    seen = trial.ok("verify", "a.diptych.json", "--policy", "policy.toml")
    assert untampered(seen)["status"] == "proven"
    (trial.folder / "a.diptych.json").write_bytes(raw.replace(b"response-3", b"response-4"))
    assert trial.refused("verify", "a.diptych.json", code=1)["code"] == "Verify.NotIncluded"


def test_one_row_of_a_subject_is_disclosed(trial: Program) -> None:
    listed = trial.ok("data", "subjects", "rs")["subjects"]
    assert len(listed) == 12
    assert listed[5]["subject"] == "STUDY-0005"
    leaf = listed[5]["leaves"][1]
    words = ("data", "disclose", "rs", "--subject", "STUDY-0005", "--leaf", str(leaf))
    assert trial.ok(*words, "-o", "r.diptych.json")["fields"] == 4
    other = ("data", "disclose", "rs", "--subject", "STUDY-0006", "--leaf", str(leaf))
    assert trial.refused(*other, "-o", "x", code=1)["code"] == "Private.Erased"
    assert not (trial.folder / "x").exists()


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("data", "subjects", "study"), "Record.Missing", 2),
        (("data", "subjects", "0"), "Data.NoTable", 2),
        (("data", "disclose", "rs", "--subject", "x", "-o", "f"), "Private.NoSuchField", 2),
        (("data", "erase", "rs"), "Erase.NothingNamed", 2),
        (("data", "erase", "rs", "--all", "--subject", "x"), "Erase.NothingNamed", 2),
        (("data", "erase", "0", "--all"), "Erase.NotPrivate", 2),
        (("data", "erase", "rs", "--subject", "x"), "Private.NoSuchField", 2),
        (("data", "erase", "rs", "--subjects", "none"), "Erase.BadSubjects", 2),
        (("data", "compare", "rs"), "Table.Unknown", 2),
        (("data", "add-table", "study/a.csv", "--name", "7"), "Name.Bad", 2),
        (("data", "add-table", "none.csv", "--name", "x"), "Seal.NoSuchPath", 2),
        (
            ("data", "add-table", "study/a.csv", "--name", "x", "--subject", "y"),
            "Private.BadTable",
            2,
        ),
        (("data", "add-table", "study/a.csv", "--name", "x", "--encoding", "q"), None, 2),
    ],
)
def test_what_cannot_be_is_refused(
    trial: Program, words: tuple[str, ...], code: str | None, exit_code: int
) -> None:
    assert trial.refused(*words, code=exit_code)["code"] == (code or "Table.BadOption")


def test_an_erased_subject_leaves_nothing_and_the_others_their_proofs(trial: Program) -> None:
    for name in ("STUDY-0001", "STUDY-0002"):
        trial.ok("data", "disclose", "rs", "--subject", name, "-o", f"{name}.diptych.json")
    trial.ok("bundle", "rs", "-o", "whole.diptych.json")
    gone = [row for row in rows_of(12) if row[0] == "STUDY-0001"]
    hunted = plain_traces([tuple(row) for row in gone], COLUMNS)
    assert traces(every_byte(trial), hunted) != []
    ran = trial("data", "erase", "rs", "--subject", "STUDY-0001")
    assert ran.code == 1
    assert "still there: bundle STUDY-0001.diptych.json shows 8 erased fields" in ran.out
    seen = trial.ok("verify", "STUDY-0001.diptych.json")
    assert "8 fields shown here were erased (index 2)" in untampered(seen)["text"]
    assert len(untampered(seen)["evidence"]["erased_shown"]) == 8
    (trial.folder / "STUDY-0001.diptych.json").unlink()
    assert traces(every_byte(trial), hunted) == []
    for name in ("STUDY-0002.diptych.json", "whole.diptych.json", "rs"):
        evidence = untampered(trial.ok("verify", name))["evidence"]
        assert evidence.get("erased_shown", []) == []
    words = ("data", "disclose", "rs", "--subject", "STUDY-0001", "-o", "x")
    assert trial.refused(*words, code=1)["code"] == "Private.Erased"
    words = ("data", "disclose", "rs", "--subject", "STUDY-0002", "-o", "y.diptych.json")
    assert trial.ok(*words)["fields"] == 8
    again = ("data", "erase", "rs", "--subject", "STUDY-0001")
    assert trial.refused(*again, code=1)["code"] == "Private.Erased"
    trial.ok("verify")


def test_bundles_that_show_it_are_deleted_when_asked(trial: Program) -> None:
    words = ("data", "disclose", "rs", "--subject", "STUDY-0001")
    trial.ok(*words, "--column", "VISIT", "-o", "a.diptych.json")
    trial.ok(*words, "--column", "REMARK", "-o", "b.diptych.json")
    erase = ("data", "erase", "rs", "--subject", "STUDY-0001", "--column", "REMARK")
    assert trial.ok(*erase, "--remove-bundles")["traces"] == []
    assert sorted(path.name for path in trial.folder.glob("*.json")) == ["a.diptych.json"]
    assert untampered(trial.ok("verify", "a.diptych.json"))["evidence"]["erased_shown"] == []


def test_the_sealed_file_itself_and_its_public_seal_are_named(book: Program) -> None:
    write_table(book.folder / "rs.json", rows_of(3))
    book.ok("seal", "rs.json")
    book.ok("data", "add-table", "rs.json", "--subject", "USUBJID", "--name", "rs")
    ran = book("data", "erase", "rs", "--subject", "STUDY-0001")
    assert ran.code == 1
    assert "source rs.json is the table as it was sealed" in ran.out
    assert "public seal rs.json was sealed publicly too, as record 1" in ran.out


def test_every_version_of_a_table_forgets_a_subject(trial: Program) -> None:
    write_table(trial.folder / "rs.json", rows_of(14))
    trial.ok("data", "add-table", "rs.json", "--subject", "USUBJID", "--name", "rs")
    write_table(trial.folder / "other.json", rows_of(4))
    trial.ok("data", "add-table", "other.json", "--subject", "USUBJID", "--name", "other")
    for name in ("rs.json", "other.json"):
        (trial.folder / name).unlink()
    done = trial.ok("data", "erase", "rs@1", "--subject", "STUDY-0003")
    assert [one["index"] for one in done["erased"]] == [1, 2]
    for what in ("rs@1", "rs@2"):
        words = ("data", "disclose", what, "--subject", "STUDY-0003", "-o", "x")
        assert trial.refused(*words, code=1)["code"] == "Private.Erased"
    trial.ok("data", "disclose", "other", "--subject", "STUDY-0003", "-o", "x.diptych.json")
    (trial.folder / "x.diptych.json").unlink()
    (trial.folder / "gone.txt").write_text("STUDY-0002\n\nSTUDY-0001\n")
    done = trial.ok("data", "erase", "rs", "--subjects", "gone.txt", "--everywhere")
    assert (done["subjects"], [one["index"] for one in done["erased"]]) == (2, [1, 2, 3])
    left = [one["subject"] for one in trial.ok("data", "subjects", "other")["subjects"]]
    assert left == ["STUDY-0000", "STUDY-0003"]


def test_whole_private_seals_are_erased(trial: Program) -> None:
    trial.ok("seal", "study", "--private", "--store")
    assert trial.ok("data", "erase", "study", "--all")["erased"][0]["leaves"] == "all"
    assert trial.refused("verify", "study", code=1)["code"] == "Private.Erased"
    assert trial.ok("data", "erase", "study", "--all")["erased"] == []
    trial.ok("data", "erase", "rs", "--all")
    assert trial.refused("data", "subjects", "rs", code=1)["code"] == "Private.Erased"
    trial.ok("bundle", "rs", "-o", "rs.diptych.json")
    assert "its content was erased" in untampered(trial.ok("verify", "rs.diptych.json"))["text"]
    trial.ok("verify")


def test_an_endpoint_that_changed_is_named_by_leaf_and_column(trial: Program) -> None:
    rows = rows_of(12)
    write_table(trial.folder / "rs.json", rows)
    assert trial.ok("data", "compare", "rs")["same"]
    assert trial.ok("verify", "rs", "rs.json")["index"] == 1
    rows[5][2] = "response-none"
    rows.reverse()
    write_table(trial.folder / "rs.json", rows[1:])
    ran = trial("data", "compare", "rs", "--json")
    assert ran.code == 1
    found = json.loads(ran.out)["changes"]
    listed = {one["subject"]: one for one in trial.ok("data", "subjects", "rs")["subjects"]}
    changed = next(one for one in found if one["kind"] == "changed")
    assert (changed["columns"], changed["subject"]) == (["ENDPOINT"], "STUDY-0002")
    assert changed["leaf"] in listed["STUDY-0002"]["leaves"]
    assert [one["kind"] for one in found if one["subject"] == "STUDY-0011"] == ["removed"]
    error = trial.refused("verify", "rs", "rs.json", code=1)
    assert error["code"] == "Verify.DigestMismatch"
    assert f"sealed at leaf {changed['leaf']}: 'ENDPOINT' changed" in error["message"]
    assert "STUDY-" not in json.dumps(error)


def test_what_is_said_of_a_column_is_part_of_the_table(trial: Program) -> None:
    path = write_table(trial.folder / "rs.json", rows_of(12))
    assert trial.ok("data", "compare", "rs", "rs.json")["same"]
    document = json.loads(path.read_text())
    endpoint = document["columns"][2]
    endpoint["label"] = "Progression-free survival"
    path.write_text(json.dumps(document))
    found = json.loads(trial("data", "compare", "rs", "rs.json", "--json").out)
    assert not found["same"]
    assert found["redefined"] == [{"column": "ENDPOINT", "what": "label"}]
    assert "'ENDPOINT': label changed" in trial("data", "compare", "rs", "rs.json").out
    assert "label changed" in trial.refused("verify", "rs", "rs.json", code=1)["message"]
    names = [one["name"] for one in document["columns"]]
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows_of(12))]
    (trial.folder / "rs.csv").write_text("\n".join(lines))  # a CSV has no labels to compare
    assert json.loads(trial("data", "compare", "rs", "rs.csv", "--json").out)["redefined"] == []


def test_words_for_missing_values_are_kept_with_the_table(book: Program) -> None:
    (book.folder / "m.csv").write_text("USUBJID,AVAL\nS-1,NA\nS-2,0.10\n")
    options = TableOptions(types={"AVAL": "double"}, missing=("", "NA"))
    with book.patch.context() as patch:
        patch.setenv("DIPTYCH_KEYS__PASSPHRASE", PASSPHRASE)
        workspace = diptych.open(book.folder)
        seal_table(workspace, Path("m.csv"), subject_column="USUBJID", name="m", options=options)
    assert book.ok("data", "compare", "m")["same"]
    (book.folder / "m.csv").write_text("USUBJID,AVAL\nS-1,0\nS-2,0.10\n")
    assert not json.loads(book("data", "compare", "m", "--json").out)["same"]


def test_amendments_of_a_protocol_are_linked(trial: Program) -> None:
    protocol = trial.folder / "protocol.md"
    protocol.write_text("primary endpoint: response at visit 1\n")
    first = trial.ok("data", "add", "protocol.md", "--name", "protocol")
    words = ("data", "add-table", "../rs.json", "--subject", "USUBJID", "--name", "rs")
    table = trial.ok(*words, "--from", "protocol@1")
    protocol.write_text("primary endpoint: response at visit 2\n")
    second = trial.ok("data", "add", "protocol.md", "--name", "protocol")
    listed = {one["record"]: one for one in trial.ok("log")["records"]}
    edges = listed[second["record"]]["edges"]
    assert {"rel": "supersedes", "record": first["record"]} in edges
    edges = listed[table["record"]]["edges"]
    assert {"rel": "derivedFrom", "record": first["record"]} in edges
    assert trial("verify", "protocol@1", "protocol.md").code == 1


def test_names_can_come_from_standard_input(trial: Program) -> None:
    words = ("data", "disclose", "rs", "--subject", "-", "-o", "x.diptych.json")
    assert trial.ok(*words, stdin=b"STUDY-0003\n")["rows"] == 2
    (trial.folder / "x.diptych.json").unlink()
    done = trial.ok("data", "erase", "rs", "--subjects", "-", stdin=b"STUDY-0003\nSTUDY-0004\n")
    assert done["subjects"] == 2
    ran = trial("data", "erase", "rs", "--subject", "-", "--json", stdin=b"a\nb\n")
    assert (ran.code, ran.error["code"]) == (2, "Erase.BadSubjects")
    ran = trial("data", "erase", "rs", "--subjects", "-", "--json", stdin=b"\xff")
    assert (ran.code, ran.error["code"]) == (2, "Erase.BadSubjects")


def test_one_unknown_name_in_a_batch_erases_nobody(trial: Program) -> None:
    words = ("data", "erase", "rs", "--subject", "STUDY-0003", "--subject", "STUDY-nobody")
    error = trial.refused(*words, code=2)
    assert (error["code"], error["details"]) == (
        "Private.NoSuchField",
        {"missing": ["STUDY-nobody"]},
    )
    assert len(trial.ok("data", "subjects", "rs")["subjects"]) == 12


def test_an_erasure_that_was_cut_off_is_finished_and_logged_by_the_next(
    trial: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("data", "erase", "rs", "--subject", "STUDY-0003")
    with monkeypatch.context() as patch:
        patch.setattr("diptych.app.verbs.data.erase.log_erasures", _cut_off)
        assert trial(*words).code == 130
    assert len(trial.ok("log")["records"]) == 2
    assert [one["index"] for one in trial.ok(*words)["erased"]] == [1]
    assert trial.ok("log")["records"][0]["kind"] == "erased"
    assert trial.refused(*words, code=1)["code"] == "Private.Erased"


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_field_that_is_gone_in_one_version_still_goes_in_the_others(trial: Program) -> None:
    words = ("data", "erase", "rs", "--subject", "STUDY-0003", "--column", "REMARK")
    trial.ok(*words)
    shown = trial.folder.parent / "rs.json"
    trial.ok("data", "add-table", str(shown), "--subject", "USUBJID", "--name", "rs")
    ran = trial(*words, "--json")
    assert [one["index"] for one in json.loads(ran.out)["erased"]] == [3]
    leaf = trial.ok("data", "subjects", "rs@1")["subjects"][0]["leaves"][0]
    done = json.loads(
        trial("data", "erase", "rs@1", "--subject", "STUDY-0000", "--leaf", f"{leaf}", "--json").out
    )
    assert [(one["index"], one["leaves"]) for one in done["erased"]] == [(1, [[leaf, 4]])]


def test_a_comparison_says_by_when_the_sealed_version_existed(
    trial: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor = type("Anchor", (), {"time_s": 86_400})()
    name = "diptych.app.verbs.data.compare.earliest_anchor"
    monkeypatch.setattr(name, lambda *_, **__: anchor)
    rows = rows_of(12)
    rows[0][2] = "another endpoint"
    write_table(trial.folder / "rs.json", rows)
    ran = trial("data", "compare", "rs", "rs.json")
    assert ran.out.startswith("sealed as record 1, known by 1970-01-02T00:00:00Z: 1 difference\n")
    error = trial.refused("verify", "rs", "rs.json", code=1)
    assert "which existed by 1970-01-02T00:00:00Z" in error["message"]


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_every_kind_of_table_is_sealed_and_compared(trial: Program, kind: str) -> None:
    path = trial.folder / f"t.{kind}"
    if kind == "csv":
        path.write_text("who,value\nA,1.50\nB,2\n")
    elif kind == "parquet":
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(arrow.table({"who": ["A", "B"], "value": [1.5, None]}), path)
    else:
        made = json.loads(write_table(path, [["A", 1, "x", "y"]]).read_text())
        rows = made.pop("rows")
        path.write_text("".join(json.dumps(one) + "\n" for one in [made, *rows]))
    subject = "USUBJID" if kind == "ndjson" else "who"
    trial.ok("data", "add-table", path.name, "--subject", subject, "--name", "t")
    assert trial.ok("data", "compare", "t")["same"]
    assert trial.ok("verify", path.name)["kind"] == "private"
    assert trial.ok("data", "subjects", "t")["subjects"][0]["subject"] == "A"


def test_long_lists_of_leaves_are_cut_for_people_only(book: Program) -> None:
    write_table(book.folder / "rs.json", rows_of(2, visits=20))
    book.ok("data", "add-table", "rs.json", "--subject", "USUBJID", "--name", "rs")
    ran = book("data", "subjects", "rs")
    assert max(map(len, ran.out.splitlines())) < 100
    assert ran.err == "note: --json lists all leaves\n"
    assert {len(one["leaves"]) for one in book.ok("data", "subjects", "rs")["subjects"]} == {20}
