"""A `data share` whose process is killed leaves a finished share or one that was taken back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.app.program import Program

import diptych
from diptych.app.verbs.data.share_file import settle_shares
from diptych.app.workspace import Workspace
from diptych.core.journal import Journal

_KILLED = """
import os, sys, pathlib
import diptych
from diptych.app.verbs.data import share, share_file
from diptych.app.verbs.data.share import Sharing
from diptych.core.journal import Journal
from diptych.provenance.log.writer import Writer

def kill(*args, **kwargs):
    os._exit(9)

def half(target, *rest):
    target.write(b"diptych-share/1 and no more")
    target.flush()
    os._exit(9)

def after(owner, name):
    real = getattr(owner, name)
    def killed(*args, **kwargs):
        real(*args, **kwargs)
        os._exit(9)
    setattr(owner, name, killed)

real = pathlib.Path.rename

def naming(part, target):
    if part.name.endswith(".part"):
        kill()
    return real(part, target)

book = diptych.open()
{step}
book.data.share("study", "out.share", Sharing(to=[sys.argv[1]]))
"""
NO_GRANT = {
    "before the journal has a line": "Journal.add = kill",
    "before the record": "Writer.append = kill",
}
TAKEN_BACK = {
    "after the record": "after(Writer, 'append')",
    "before the file": "share.ShareBook.add = kill",
    "before the content": "share.write_share = kill",
    "within the content": "share.write_share = half",
    "before it is durable": "after(share, 'write_share')",
}
FINISHED = {
    "before its name": "pathlib.Path.rename = naming",
    "after its name": "after(share_file, 'sync_folder')",
    "before the journal goes": "Journal.close = kill",
}


@pytest.fixture
def owner(book: Program) -> tuple[Program, str]:
    """A workspace with licensed data, and a recipient."""
    to = str(book.ok("data", "identity", "-o", "age.key")["recipient"])
    book.ok("data", "add", "study", "--name", "study", "--store")
    book.ok("data", "license", "set", "study", "CC-BY-4.0", "--own")
    return book, to


def killed(book: Program, to: str, step: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED.replace("{step}", step), to],
        cwd=book.folder,
        env={**os.environ, **book.environ},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 9, ended.stderr.decode()


def kinds(book: Program) -> list[str]:
    return [one["kind"] for one in reversed(book.ok("log")["records"])][-2:]


def leftovers(folder: Path) -> list[str]:
    notes = (folder / ".diptych" / "private" / "sharing").glob("*")
    return [path.name for path in [*folder.glob(".*.part"), *notes]]


@pytest.mark.parametrize("step", NO_GRANT)
def test_killed_before_the_grant_leaves_nothing(owner: tuple[Program, str], step: str) -> None:
    book, to = owner
    killed(book, to, NO_GRANT[step])
    assert kinds(book) == ["dataset", "licence"]
    assert leftovers(book.folder) == []
    assert not (book.folder / "out.share").exists()
    book.ok("data", "share", "study", "--to", to, "-o", "out.share")


@pytest.mark.parametrize("step", TAKEN_BACK)
def test_killed_before_the_file_is_complete_takes_the_grant_back(
    owner: tuple[Program, str], step: str
) -> None:
    book, to = owner
    killed(book, to, TAKEN_BACK[step])
    assert leftovers(book.folder) != []
    assert kinds(book) == ["share", "revocation"]
    assert leftovers(book.folder) == []
    assert not (book.folder / "out.share").exists()
    assert kinds(book) == ["share", "revocation"]
    book.ok("verify")
    book.ok("data", "share", "study", "--to", to, "-o", "out.share")


@pytest.mark.parametrize("step", FINISHED)
def test_killed_after_the_file_is_complete_gives_it_its_name(
    owner: tuple[Program, str], step: str
) -> None:
    book, to = owner
    killed(book, to, FINISHED[step])
    assert kinds(book) == ["licence", "share"]
    assert leftovers(book.folder) == []
    book.ok("export", "policy", "policy.toml")
    book.ok("export", "tiles", "tiles")
    opening = ("--identity", "age.key", "--policy", "policy.toml", "--log", "tiles")
    assert book.ok("data", "receive", "out.share", "--to", "got", *opening)["files"] == 2
    listed = book.ok("data", "accesses", "list")["accesses"]
    assert [one["known"] for one in listed] == [to]


def test_another_file_of_that_name_is_not_overwritten(owner: tuple[Program, str]) -> None:
    book, to = owner
    killed(book, to, FINISHED["before its name"])
    (book.folder / "out.share").write_text("mine")
    assert kinds(book) == ["share", "revocation"]
    assert (book.folder / "out.share").read_text() == "mine"
    assert leftovers(book.folder) == []


def opened(book: Program, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    return diptych.open(book.folder)


def test_a_share_that_is_still_being_written_is_left_alone(
    owner: tuple[Program, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _ = owner
    part = book.folder / ".x.share.0.part"
    part.write_bytes(b"half")
    names = {"part": part, "target": book.folder / "x.share"}
    lines = {name: os.fsencode(path).hex() for name, path in names.items()}
    folder = book.folder / ".diptych" / "private" / "sharing"
    journal = Journal.begin(folder / f"{'00' * 32}.jsonl", {**lines})
    workspace = opened(book, monkeypatch)
    settle_shares(workspace)
    assert part.exists()
    journal.close(keep=True)
    settle_shares(workspace)
    assert leftovers(book.folder) == []


def test_what_cannot_be_settled_now_stays_for_later(owner: tuple[Program, str]) -> None:
    book, to = owner
    killed(book, to, TAKEN_BACK["within the content"])
    passphrase = book.environ.pop("DIPTYCH_KEYS__PASSPHRASE")
    assert book("status").code == 0
    (note,) = leftovers(book.folder)
    assert note.endswith(".jsonl")
    book.environ["DIPTYCH_KEYS__PASSPHRASE"] = passphrase
    assert kinds(book) == ["share", "revocation"]
    assert leftovers(book.folder) == []


def test_a_failure_without_a_kill_is_settled_at_once(owner: tuple[Program, str]) -> None:
    book, to = owner
    error = book.refused("data", "share", "study", "--to", to, "-o", "no/such/out.share", code=3)
    assert error["code"] == "Environment.CannotWrite"
    assert leftovers(book.folder) == []
    records = json.loads(book("log", "--json").out)["records"]
    assert records[0]["kind"] in {"revocation", "licence"}
