"""Whatever is typed, and whatever lies where a file should be: a code, never a traceback."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.app.program import Program, Ran

ODD = {
    "empty": "",
    "nul": "a\0b",
    "long": "a" * 5_000,
    "long parts": "/".join(["a" * 200] * 30),
    "surrogate": os.fsdecode(b"\xff\xfe"),
    "escape": "\x1b[31mred",
    "newline": "a\nerror [Fake.Code]: b",
    "root": "/nowhere/at/all",
    "dots": "../" * 50 + "nowhere",
    "proc": "/proc/self/mem/x",
    "number": "9" * 40,
    "minus": "-1",
    "hex": "g" * 64,
    "label": "path/study",
    "quote": "'; DROP TABLE labels; --",
}
WHERE: dict[str, tuple[str, ...]] = {
    "seal": ("seal", "{}"),
    "seal from": ("seal", "study", "--from", "{}"),
    "seal name": ("seal", "-", "--name", "{}"),
    "log": ("log", "{}"),
    "verify": ("verify", "{}"),
    "verify path": ("verify", "study", "{}"),
    "verify policy": ("verify", "study", "--policy", "{}"),
    "bundle": ("bundle", "{}"),
    "bundle disclose": ("bundle", "study", "--disclose", "{}"),
    "restore": ("restore", "-C", "..", "{}"),
    "timestamp": ("checkpoint", "--timestamp", "{}"),
    "cosigned": ("checkpoint", "--cosigned", "{}", "--witness", "w"),
    "witness": ("checkpoint", "--cosigned", "study/a.csv", "--witness", "{}"),
    "key add": ("key", "add", "{}"),
    "key revoke": ("key", "revoke", "{}"),
    "chain add": ("chain", "add", "{}", "nothing"),
    "chain url": ("chain", "add", "x", "{}"),
    "chain remove": ("chain", "remove", "{}"),
    "folder": ("log", "-C", "{}"),
    "chapter": ("tour", "--chapter", "{}"),
}


def _answered(ran: Ran) -> None:
    """A refusal with a known exit code, printed so that it drives no terminal."""
    assert ran.code in {1, 2, 3}
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err + ran.out
    assert "\nerror [Fake" not in ran.err + ran.out


@pytest.mark.parametrize("where", WHERE)
def test_odd_arguments_are_refused_with_a_code(book: Program, where: str) -> None:
    book.ok("seal", "study")
    size = book.ok("checkpoint")["size"]
    for odd in ODD.values():
        words = tuple(word.replace("{}", odd) for word in WHERE[where])
        if where == "seal name" and "/" not in odd and odd.isascii() and odd.strip("\0") == odd:
            continue  # strange, but a plain file name
        _answered(book(*words))
        shown = book.refused(*words, code=book(*words).code)
        assert shown["code"].count(".") == 1
        assert len(shown["message"]) < 12_000
    assert book.ok("checkpoint")["size"] == size


def test_paths_that_cannot_be_written_are_named(book: Program) -> None:
    book.ok("seal", "study")
    for path in ("no/such/folder/x", "study/a.csv/x", "/proc/x", "a" * 300, "study"):
        for words in (("bundle", "study", "-o", path), ("export", "policy", path)):
            assert book.refused(*words, code=2 if path == "study" else 3)["message"]
        assert book.refused("backup", path, code=2 if path == "study" else 3)["message"]
    assert book.refused("export", "tiles", "study/a.csv", code=2)["message"]
    assert book.refused("export", "tiles", "/proc/x", code=3)["message"]
    assert sorted(path.name for path in book.folder.iterdir()) == [".diptych", "study"]


def test_a_link_is_followed_and_a_pipe_is_written_to(book: Program, tmp_path: Path) -> None:
    book.ok("seal", "study")
    target = tmp_path / "target"
    (book.folder / "link").symlink_to(target)
    book.ok("export", "policy", "link")
    assert (book.folder / "link").is_symlink()
    assert target.read_text().startswith("format = ")

    pipe = book.folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        book.ok("bundle", "study", "-o", "pipe")
        assert os.read(reader, 1 << 16).startswith(b'{"checkpoint"')
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def _file(path: Path) -> None:
    _gone(path)
    path.write_bytes(b"\x00\x01 not what was expected")


def _folder(path: Path) -> None:
    _gone(path)
    path.mkdir()


def _gone(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _loop(path: Path) -> None:
    _gone(path)
    path.symlink_to(path.name)


DAMAGED = (
    "log.sqlite",
    "objects",
    "private",
    "private/keys",
    "private/chains.json",
    "private/private.sqlite",
    "anchors",
    "anchors/2.diptych.json",
    "timestamps",
    "journal",
    "pins.json",
    "diptych.toml",
    "chain",
    "chain/blocks.sqlite",
)
COMMANDS = (
    ("seal", "study"),
    ("seal", "study", "--private"),
    ("verify", "study"),
    ("verify",),
    ("status",),
    ("log",),
    ("bundle", "study", "--manifest", "-o", "out.json"),
    ("export", "policy", "p.toml"),
    ("export", "tiles", "tiles"),
    ("checkpoint",),
    ("checkpoint", "--timestamp-request"),
    ("key", "list"),
    ("key", "rotate"),
    ("chain", "list"),
    ("chain", "status"),
    ("chain", "down"),
    ("config",),
    ("backup", "../b.tar"),
)


@pytest.mark.parametrize("damage", [_file, _folder, _gone, _loop])
@pytest.mark.parametrize("place", DAMAGED)
def test_a_damaged_workspace_gives_errors_with_codes(
    book: Program, place: str, damage: Callable[[Path], None]
) -> None:
    book.ok("seal", "study")
    path = book.folder / ".diptych" / place
    path.parent.mkdir(exist_ok=True)
    damage(path)
    (book.folder / "study" / "c.csv").write_text("5,6\n")
    for words in COMMANDS:
        ran = book(*words)
        assert ran.code == 0 or ran.err.startswith(("error [", "note: ", "hint: ")), (words, ran)
        assert ran.code in {0, 1, 2, 3}


def test_a_binary_file_named_like_a_bundle_is_malformed(program: Program) -> None:
    path = program.folder / "x.diptych.json"
    for content in (b"", b"\x7fELF\x00\xff", b"{}", b"[" * 100_000, b"null", b"{" * 9, b'"\xff"'):
        path.write_bytes(content)
        assert program.refused("verify", path.name, code=1)["code"] == "Verify.Malformed"
    path.unlink()
    assert program.refused("verify", path.name, code=2)["code"] == "Verify.NoSuchFile"
    path.mkdir()
    assert program.refused("verify", path.name, code=3)["code"] == "Verify.CannotRead"
