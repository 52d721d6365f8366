"""Whatever lies where `diptych data` expects a file: an error that names it and a next step."""

from pathlib import Path

import pytest
from tests.unit.app.program import Program

ODD = {
    "missing": None,
    "folder": "",
    "empty": b"",
    "binary": bytes(range(256)) * 20,
    "latin": "café,naïve\n1,2\n".encode("latin-1"),
    "cut": b'{"a":',
    "array": b"[1,2,3]",
    "deep": b'{"a":' * 100_000,
    "nan": b'{"a":NaN}',
    "surrogate": b'{"a":"\\ud800"}',
}
WHERE: dict[str, tuple[str, tuple[str, ...]]] = {
    "parquet": (".parquet", ("add-table", "{}", "--name", "x")),
    "dataset": (".json", ("add-table", "{}", "--name", "x")),
    "rules": (".toml", ("check", "good.csv", "--rules", "{}")),
    "checked": (".json", ("check", "{}")),
    "parent": (".json", ("check", "good.csv", "--parent", "{}")),
    "profile": (".json", ("deidentify", "images", "--to", "clean", "--profile", "{}")),
    "receipt": (".json", ("accesses", "add", "{}")),
    "croissant": (".json", ("import", "{}")),
    "openlineage": (".json", ("import-openlineage", "{}")),
    "key backup": (".tar", ("keys", "restore", "{}")),
    "enrolment": (".txt", ("sensors", "enrol", "cold", "--keys", "{}")),
    "readings": (".txt", ("sensors", "sign", "{}", "--key", "device.pem", "-o", "out.bin")),
    "device key": (".pem", ("sensors", "sign", "log.csv", "--key", "{}", "-o", "out.bin")),
    "series": (".txt", ("sensors", "check", "{}")),
}


@pytest.fixture
def stage(book: Program) -> Program:
    (book.folder / "good.csv").write_text("a,b\n1,2\n")
    (book.folder / "log.csv").write_text("time,value\n2026-01-01T00:00:00Z,1\n")
    (book.folder / "images").mkdir()
    (book.folder / "images" / "a.dcm").write_bytes(b"no image")
    book.ok("data", "sensors", "enrol", "other", "device", "--new-keys", ".")
    return book


@pytest.mark.parametrize("where", WHERE)
def test_odd_files_are_named_and_nothing_is_left(stage: Program, where: str) -> None:
    suffix, words = WHERE[where]
    names = {kind: f"odd-{kind}{suffix}" for kind in ODD}
    for kind, content in ODD.items():
        if content == "":
            (stage.folder / names[kind]).mkdir()
        elif isinstance(content, bytes):
            (stage.folder / names[kind]).write_bytes(content)
    before = sorted(stage.folder.iterdir())
    size = stage.ok("checkpoint")["size"]
    for kind, name in names.items():
        told = stage("data", *(word.replace("{}", name) for word in words), "--json")
        assert told.code in {1, 2, 3}, (kind, told)
        assert told.err == ""
        error = told.error
        assert name.removesuffix(suffix) in error["message"], (kind, error)
        assert error["hint"], (kind, error)
    assert stage.ok("checkpoint")["size"] == size
    assert sorted(stage.folder.iterdir()) == before


def test_sound_files_pass(stage: Program) -> None:
    stage.ok("data", "add-table", "good.csv", "--name", "x")
    (stage.folder / "keys.txt").write_text(f"device,keyid\nd1,ed25519:{'8' * 64}\n")
    stage.ok("data", "sensors", "sign", "log.csv", "--key", "device.pem", "-o", "out.bin")


def test_a_link_to_itself_is_an_error(stage: Program) -> None:
    (stage.folder / "loop.csv").symlink_to("loop.csv")
    for words in (("add", "loop.csv"), ("check", "loop.csv"), ("screen", "loop.csv")):
        assert "loop.csv" in stage("data", *words, "--json").error["message"]


def test_a_pipe_is_not_waited_for(stage: Program) -> None:
    import os

    os.mkfifo(stage.folder / "pipe.csv")
    assert stage.refused("data", "check", "pipe.csv", code=2)["code"] == "Quality.NoTable"


def test_refused_enrolment_leaves_no_keys_behind(stage: Program) -> None:
    where = stage.folder / "new"
    refused = ("data", "sensors", "enrol", "other", "device", "--new-keys", "new")
    assert stage.refused(*refused, code=2)["code"] == "Sensors.BadFleet"
    assert list(where.iterdir()) == []
    stage.ok("data", "sensors", "enrol", "other", "second", "--new-keys", "new")
    assert [one.name for one in where.iterdir()] == ["second.pem"]


def test_keys_of_devices_are_written_below_the_given_folder(stage: Program, tmp_path: Path) -> None:
    words = ("data", "sensors", "enrol", "other", "third", "--new-keys", "new")
    (stage.folder / "sub").mkdir()
    stage.ok(*words, "-C", "sub")
    assert (stage.folder / "sub" / "new" / "third.pem").is_file()


def test_every_error_says_what_to_do_next(stage: Program) -> None:
    shown = stage.refused("data", "add", "nothing", code=2)
    assert shown["hint"] == "diptych data add --help"
    shown = stage.refused("data", "add", "good.csv", "--nothing", code=2)
    assert shown["hint"] == "diptych data add --help"


def test_a_path_that_is_given_is_what_is_looked_at(stage: Program) -> None:
    stage.ok("data", "add", "good.csv", "--store")
    (stage.folder / "other.csv").write_text("a,b\n1,\n")
    for words in (("check", "good"), ("export", "good", "-o", "out.json")):
        shown = stage.refused("data", *words, "--path", "nowhere", code=2)
        assert (shown["code"], "nowhere" in shown["message"]) == ("Verify.NoSuchFile", True)
    shown = stage.refused("data", "check", "good", "--path", "other.csv", code=2)
    assert (shown["code"], "other.csv" in shown["message"]) == ("Quality.NoTable", True)
    assert stage.ok("data", "check", "good", "--path", "good.csv")["verdict"] == "pass"


def test_a_changed_file_is_checked_as_it_is_now(stage: Program) -> None:
    stage.ok("data", "add", "good.csv", "--store")
    (stage.folder / "good.csv").write_text("a,b\n1,2\n3,4\n")
    assert stage.ok("data", "check", "good.csv")["rows"] == 2
    assert stage.ok("data", "check", "good")["rows"] == 1
