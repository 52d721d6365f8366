"""The folder: one holder, a private state file, nonsense in it is nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.ledger.devchain.errors import Locked
from diptych.ledger.devchain.place import (
    Endpoint,
    FolderLock,
    Place,
    lock_holder,
    read_endpoint,
    write_endpoint,
)

ENDPOINT = Endpoint("http://127.0.0.1:1", 0x0D1D00000001, "ab", "0x00", 42)


def test_the_endpoint_is_private_and_comes_back(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert read_endpoint(place) is None
    write_endpoint(place, ENDPOINT)
    assert read_endpoint(place) == ENDPOINT
    assert place.state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"7", b"\xff", b"[" * 60_000, b'{"url": 1}'])
def test_an_unusable_state_file_is_no_endpoint(tmp_path: Path, raw: bytes) -> None:
    Place(tmp_path).state.write_bytes(raw)
    assert read_endpoint(Place(tmp_path)) is None


def test_the_lock_has_one_holder_who_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert lock_holder(path) is None
    lock = FolderLock.take(path)
    lock.sign()
    with pytest.raises(Locked, match=str(os.getpid())):
        FolderLock.take(path, wait_s=0.05)
    assert lock_holder(path) == os.getpid()
    lock.release()
    assert lock_holder(path) is None
    FolderLock.take(path).release()


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = (
        "import sys, pathlib; from diptych.ledger.devchain.place import FolderLock;"
        "lock = FolderLock.take(pathlib.Path(sys.argv[1])); lock.sign(); print('x', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"x\n"
        assert lock_holder(path) == child.pid
        child.kill()
        child.wait()
        assert lock_holder(path) is None
