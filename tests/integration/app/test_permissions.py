"""What may not be read or written: named, exit 3, and nothing is lost. Holds for root too."""

import ctypes
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.app.program import Program, Ran

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def _without_privileges() -> None:
    """Make permission bits count even for root; for anybody else this changes nothing."""
    libc = ctypes.CDLL(None)
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def _run(book: Program, *words: str) -> Ran:
    return book.finish(book.start(*words, "--json", preexec_fn=_without_privileges))


def _error(ran: Ran) -> tuple[int, str]:
    return ran.code, json.loads(ran.out)["error"]["code"]


@pytest.fixture
def sealed(book: Program) -> Iterator[Program]:
    book.ok("seal", "study")
    (book.folder / "study" / "c.csv").write_text("5,6\n")
    yield book
    for path in (book.folder, book.folder / ".diptych", book.folder / ".diptych" / "private"):
        path.chmod(0o700)


def test_an_unreadable_file_is_named(sealed: Program) -> None:
    (sealed.folder / "study" / "a.csv").chmod(0)
    ran = _run(sealed, "seal", "study")
    assert _error(ran) == (1, "Manifest.CannotScan")
    (problem,) = json.loads(ran.out)["error"]["details"]["problems"]
    assert (problem["path"], problem["kind"]) == ("a.csv", "unreadable")


@pytest.mark.parametrize("mode", [0o500, 0o000])
@pytest.mark.parametrize("place", [".diptych", ".diptych/private", ".diptych/objects"])
def test_a_workspace_that_may_not_be_used_says_so(sealed: Program, place: str, mode: int) -> None:
    before = sealed.ok("verify")
    path = sealed.folder / place
    path.chmod(mode)
    for words in (("seal", "study"), ("seal", "study", "--private"), ("status",), ("key", "add")):
        ran = _run(sealed, *words)
        assert "Traceback" not in ran.err
        if ran.code not in {0, 1}:
            assert _error(ran)[0] == 3
            assert _error(ran)[1].startswith(("Environment.", "Private.", "Key."))
    path.chmod(0o700)
    after = sealed.ok("verify")
    assert after["size"] >= before["size"]


def test_a_folder_that_may_not_be_written_to_is_named(sealed: Program, tmp_path: Path) -> None:
    sealed.folder.chmod(0o500)
    for words in (("bundle", "study"), ("export", "policy", "p.toml"), ("backup", "b.tar")):
        ran = _run(sealed, *words)
        assert _error(ran) == (3, "Environment.CannotWrite")
    sealed.folder.chmod(0o700)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    ran = _run(sealed, "init", "-C", str(locked))
    assert _error(ran) == (3, "Environment.CannotWrite")
    assert list(locked.iterdir()) == []


def test_settings_that_may_not_be_read_are_refused(sealed: Program) -> None:
    path = sealed.folder / ".diptych" / "diptych.toml"
    path.chmod(0)
    assert _error(_run(sealed, "log")) == (2, "Config.BadSetting")
    path.chmod(0o600)
