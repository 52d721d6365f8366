"""What people read: counted words, nothing that drives a terminal, evidence said once."""

import json
from typing import ClassVar

import pytest

from diptych.app.cli.faults import fault_of
from diptych.app.cli.printing import one_line, plain, print_error, print_json, table
from diptych.core.errors import DiptychError
from diptych_verify.wording import counted


class _Told(DiptychError):
    code: ClassVar[str] = "Test.Told"


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_234_567, "1,234,567 files")],
)
def test_numbers_are_said_as_people_say_them(number: int, said: str) -> None:
    assert counted(number, "file") == said


def test_control_characters_are_spelled_out() -> None:
    assert plain("a\x1b[2Jb\x7f\u202e\udcff") == "a\\x1b[2Jb\\x7f\\u202e\\udcff"
    assert plain("ünï ✓ データ\n\tb") == "ünï ✓ データ\n\tb"
    assert one_line("a\nb\tc") == "a\\nb\\tc"


def test_a_cell_cannot_forge_a_row() -> None:
    shown = table([("1", "a\n2  b"), ("10", "c")], header=("index", "name"))
    assert shown.splitlines() == ["index  name", "1      a\\n2  b", "10     c"]


def test_json_stays_json_whatever_a_name_holds(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "\udcff\x1b\n", "unicode": "✓"})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\x1b" not in out
    assert json.loads(out) == {"name": "\udcff\x1b\n", "unicode": "✓"}


def test_an_error_says_each_thing_once(capsys: pytest.CaptureFixture[str]) -> None:
    error = _Told("1 file differs: 'a'", hint="restore it", changed=["a", "b"], total=1, root="cd")
    print_error(error)
    assert capsys.readouterr().err.splitlines() == [
        "error [Test.Told]: 1 file differs: 'a'",
        "  changed: b",
        "  root: cd",
        "hint: restore it",
    ]


def test_an_error_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(_Told("got 'x\nhint: rm -rf /'", hint="a\nb", path="p\nq"))
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "error [Test.Told]: got 'x",
        "  hint: rm -rf /'",
        "  path: p\\nq",
        "hint: a",
        "  b",
    ]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (PermissionError(13, "Permission denied", "/x/y"), "Environment.CannotUse", "/x/y"),
        (IsADirectoryError(21, "Is a directory", b"/x"), "Environment.CannotUse", "/x"),
        (OSError(28, "No space left on device", "/x"), "Environment.DiskFull", "/x"),
        (OSError(30, "Read-only file system", "/x"), "Environment.CannotWrite", "/x"),
        (TimeoutError("timed out"), "Environment.CannotUse", "timed out"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "Environment.CannotUse", "UTF-8 text"),
    ],
)
def test_what_the_system_refuses_becomes_an_error_with_a_code(
    error: Exception, code: str, said: str
) -> None:
    fault = fault_of(error)
    assert fault is not None
    assert (fault.code, fault.exit_code, said in fault.message) == (code, 3, True)
    if isinstance(error, PermissionError):
        assert "who owns it" in fault.hint


def test_our_own_mistakes_are_not_dressed_up() -> None:
    assert fault_of(KeyError("x")) is None
    assert fault_of(AssertionError()) is None
