"""Uses on their way into the store: nothing is lost, nothing counts twice, nobody waits."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from diptych.models.usage import BadUsage, UsageRecord, UsageStore
from diptych.models.usage.spool import UsageSpool, take_in

WHO = "hmac:" + "1" * 40


def use(units: int = 1) -> UsageRecord:
    return UsageRecord(WHO, "ab" * 32, "execute", 1_800_000_000, units)


def taken(folder: Path) -> tuple[int, int, int]:
    """Take everything in; return uses taken now, uses and units in the store."""
    with UsageStore(folder / "usage.sqlite") as store:
        now = take_in(store, folder / "uses")
        return now, *store.count()


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in (folder / "uses").iterdir())


def test_each_use_is_taken_once_while_its_program_goes_on(tmp_path: Path) -> None:
    spool = UsageSpool(tmp_path / "uses")
    assert not (tmp_path / "uses").exists()
    assert taken(tmp_path) == (0, 0, 0)
    spool.add(use(5))
    spool.add(use(2), durable=True)
    assert taken(tmp_path) == (2, 2, 7)
    assert taken(tmp_path) == (0, 2, 7)
    spool.add(use(1))
    assert taken(tmp_path) == (1, 3, 8)
    assert files(tmp_path) == [".uses"]
    (path,) = (tmp_path / "uses").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    del spool
    assert taken(tmp_path) == (0, 3, 8)
    assert files(tmp_path) == []


def test_a_bad_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUsage):
        UsageSpool(tmp_path / "uses").add(UsageRecord("Anna", "ab" * 32, "execute", 1))
    assert not (tmp_path / "uses").exists()


def test_many_threads_and_new_files_lose_nothing(tmp_path: Path) -> None:
    spool = UsageSpool(tmp_path / "uses", rotate_bytes=2_000)

    def serve() -> None:
        for _ in range(200):
            spool.add(use())

    threads = [threading.Thread(target=serve) for _ in range(4)]
    for one in threads:
        one.start()
    seen = 0
    while any(one.is_alive() for one in threads):
        seen += taken(tmp_path)[0]
    for one in threads:
        one.join()
    assert seen + taken(tmp_path)[0] == 800
    assert taken(tmp_path)[1:] == (800, 800)
    assert len(files(tmp_path)) == 1


_FORKED = """
import os, sys
from pathlib import Path
from diptych.models.usage import UsageRecord
from diptych.models.usage.spool import UsageSpool
spool = UsageSpool(Path(sys.argv[1]))
one = UsageRecord("hmac:" + "1" * 40, "ab" * 32, "execute", 1, 1)
spool.add(one)
for _ in range(3):
    if not os.fork():
        for _ in range(100):
            spool.add(one)
        os._exit(0)
for _ in range(3):
    os.wait()
print("ready", flush=True)
os.kill(os.getpid(), 9)
"""


def test_children_and_a_killed_program_lose_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _FORKED, str(tmp_path / "uses")], capture_output=True, check=False
    )
    assert ended.stdout == b"ready\n"
    assert taken(tmp_path) == (301, 301, 301)
    assert files(tmp_path) == []


_TAKING = """
import sys
from pathlib import Path
from diptych.models.usage import UsageStore
from diptych.models.usage.spool import take_in
folder = Path(sys.argv[1])
with UsageStore(folder / "usage.sqlite") as store:
    take_in(store, folder / "uses")
"""


def test_two_who_take_in_at_a_time_count_once(tmp_path: Path) -> None:
    for _ in range(6):
        spool = UsageSpool(tmp_path / "uses")
        for _ in range(500):
            spool.add(use())
        del spool
    started = [subprocess.Popen([sys.executable, "-c", _TAKING, str(tmp_path)]) for _ in range(3)]
    assert [one.wait() for one in started] == [0, 0, 0]
    assert taken(tmp_path) == (0, 3_000, 3_000)


def test_a_stop_between_store_and_file_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = UsageSpool(tmp_path / "uses")
    spool.add(use())
    del spool

    def stopped(self: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", stopped)
        with pytest.raises(KeyboardInterrupt):
            taken(tmp_path)
    assert taken(tmp_path) == (0, 1, 1)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00" * 4096 + b"\n",
        b"Anna asset execute 1 1\n",
        b"hmac:" + b"1" * 40 + b" " + b"ab" * 32 + b" execute 1 -5\n",
        b"hmac:" + b"1" * 40 + b" " + b"ab" * 32 + b" execute 1 " + b"9" * 5_000 + b"\n",
        b"x" * 5_000_000 + b"\n",
    ],
)
def test_damaged_lines_are_left_out_and_their_file_is_kept(tmp_path: Path, junk: bytes) -> None:
    spool = UsageSpool(tmp_path / "uses")
    spool.add(use())
    (path,) = (tmp_path / "uses").iterdir()
    with path.open("ab") as stream:
        stream.write(junk)
    spool.add(use())
    del spool
    assert taken(tmp_path) == (2, 2, 2)
    assert files(tmp_path) == [".damaged"]
    assert taken(tmp_path) == (0, 2, 2)


def test_a_line_that_was_cut_off_swallows_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = UsageSpool(tmp_path / "uses")
    spool.add(use(1))
    whole = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, raw: whole(descriptor, raw[:20]))
        with pytest.raises(OSError, match="part"):
            spool.add(use(10))
    spool.add(use(100))
    assert taken(tmp_path) == (2, 2, 101)


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "uses"
    folder.mkdir()
    (folder / "a.uses").mkdir()
    os.mkfifo(folder / "b.uses")
    (tmp_path / "secret").write_text(f"{WHO} {'ab' * 32} execute 1 1\n")
    (folder / "c.uses").symlink_to(tmp_path / "secret")
    assert taken(tmp_path) == (0, 0, 0)
    assert (tmp_path / "secret").exists()
