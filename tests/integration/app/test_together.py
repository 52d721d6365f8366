"""Several processes work on one workspace at once: one log, nothing lost, nobody stuck."""

import json
import time
from pathlib import Path

import pytest
from tests.unit.app.program import Program, Ran


def _together(book: Program, *commands: tuple[str, ...]) -> list[Ran]:
    children = [book.start(*words, "--json") for words in commands]
    return [book.finish(child) for child in children]


@pytest.mark.parametrize("processes", [2, 5])
def test_processes_that_seal_at_once_share_one_log(book: Program, processes: int) -> None:
    rounds = 2
    for turn in range(rounds):
        for number in range(processes):
            (book.folder / f"f{number}").write_text(f"{turn} {number}\n")
        ended = _together(book, *(("seal", f"f{number}") for number in range(processes)))
        assert [ran.code for ran in ended] == [0] * processes, ended
        indexes = {json.loads(ran.out)["index"] for ran in ended}
        assert indexes == set(range(1 + turn * processes, 1 + (turn + 1) * processes))
    assert book.ok("verify")["size"] == 1 + rounds * processes
    for number in range(processes):
        book.ok("verify", f"f{number}")


def test_everything_at_once(book: Program, tmp_path: Path) -> None:
    book.ok("seal", "study")
    commands = (
        ("seal", "study/a.csv"),
        ("seal", "study/b.csv", "--private"),
        ("key", "add"),
        ("verify",),
        ("backup", str(tmp_path / "b.tar")),
        ("status",),
        ("export", "tiles", "tiles"),
    )
    ended = _together(book, *commands)
    assert [ran.code for ran in ended] == [0] * len(commands), ended
    assert book.ok("verify")["size"] == 5
    away = Program(tmp_path / "away", book.environ, book.captured, book.patch)
    away.folder.mkdir()
    restored = away.ok("restore", str(tmp_path / "b.tar"), "--no-newer-log")
    assert 2 <= restored["size"] <= 5


def test_a_killed_writer_does_not_block_the_next(book: Program) -> None:
    book.environ["DIPTYCH_LOG__LEASE_S"] = "1"
    for number in range(6):
        (book.folder / "study" / "a.csv").write_text(f"{number}\n")
        child = book.start("seal", "study")
        time.sleep(0.25 + 0.1 * number)
        child.kill()
        book.finish(child)
    size = book.ok("verify")["size"]
    book.ok("seal", "study/b.csv")
    assert book.ok("verify")["size"] == size + 1
