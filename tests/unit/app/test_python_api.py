"""The same words in Python: `diptych.create`, `open`, and the verbs on a workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.app.program import PASSPHRASE, Program

import diptych
from diptych import Workspace
from diptych.app.place import NoWorkspace, WorkspaceExists
from diptych.app.verbs.records import BadName, NoSuchRecord
from diptych.app.verbs.seal import NothingToSeal, OwnHome
from diptych.core.secret import Secret
from diptych.provenance.keys.errors import KeyLocked
from diptych_verify.errors import DigestMismatch
from diptych_verify.verify import verify_bundle


@pytest.fixture
def environ(book: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The workspace's environment, for this process."""
    for name, value in book.environ.items():
        monkeypatch.setenv(name, value)
    return book


@pytest.fixture
def opened(environ: Program) -> Iterator[Workspace]:
    with diptych.open(environ.folder) as workspace:
        yield workspace


def test_the_main_job_in_python(opened: Workspace) -> None:
    sealed = opened.seal("study")
    assert (sealed.index, sealed.files, sealed.new) == (1, 2, True)
    evidence = opened.verify("study")
    assert evidence.answer("untampered").status == "proven"
    assert evidence.record_id.hex() == sealed.record
    raw = opened.bundle("study", manifest=True)
    study = opened.place.project / "study"
    assert verify_bundle(raw, path=study).answer("untampered").status == "self-asserted"
    assert [record.name for record in opened.records()] == ["study", "key"]
    (study / "a.csv").write_text("changed\n")
    with pytest.raises(DigestMismatch) as caught:
        opened.verify("study")
    assert caught.value.details["changed"] == ["a.csv"]


def test_paths_are_relative_to_the_folder_that_was_opened(environ: Program) -> None:
    with diptych.open(environ.folder / "study") as below:
        assert below.seal("a.csv").name == "study/a.csv"
        assert below.seal(Path("b.csv")).name == "study/b.csv"
        assert below.seal(environ.folder / "study").name == "study"


def test_lineage_and_private_in_python(opened: Workspace) -> None:
    opened.seal("study/a.csv")
    sealed = opened.seal("study", derived_from=["study/a.csv"])
    assert opened.verify("study", lineage=True).answer("derived_from").status == "proven"
    assert opened.seal("study/b.csv", private=True, store=True).files is None
    assert opened.verify("study/b.csv").kind == "private"
    assert opened.records(limit=1)[0].index == sealed.index + 1


def test_create_makes_and_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_KEYS__SCRYPT_LOG2_N", "14")
    with pytest.raises(KeyLocked):
        diptych.create(tmp_path)
    assert list(tmp_path.iterdir()) == []
    asked: list[str] = []

    def prompt(reason: str) -> Secret:
        asked.append(reason)
        return Secret(PASSPHRASE)

    with diptych.create(tmp_path, prompt=prompt) as book:
        (tmp_path / "f").write_text("x")
        assert book.seal("f").index == 1
    assert asked
    with pytest.raises(WorkspaceExists):
        diptych.create(tmp_path, prompt=prompt)


def test_open_without_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspace):
        diptych.open(tmp_path)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("nosuch", NothingToSeal),
        (".diptych", OwnHome),
        ("a\0b", BadName),
        ("a\udcff", BadName),
    ],
)
def test_what_cannot_be_sealed(opened: Workspace, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        opened.seal(path)


@pytest.mark.parametrize("what", ["nosuch", "99", "0" * 64])
def test_what_is_not_there(opened: Workspace, what: str) -> None:
    for verb in (opened.verify, opened.bundle):
        with pytest.raises(NoSuchRecord):
            verb(what)
