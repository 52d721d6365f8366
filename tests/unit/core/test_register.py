"""Small files that several processes change."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from diptych.core.errors import JsonValue
from diptych.core.register import DamagedRegister, change_register, read_register


def _with(name: str, known: JsonValue) -> JsonValue:
    return {**(known if isinstance(known, dict) else {}), name: True}


def test_no_change_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    assert read_register(path) is None
    with ThreadPoolExecutor(8) as pool:
        for made in [
            pool.submit(change_register, path, partial(_with, name)) for name in map(str, range(40))
        ]:
            made.result()
    assert read_register(path) == dict.fromkeys(map(str, range(40)), True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["names.json"]


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b'{"a":', b"[" * 100_000])
def test_what_cannot_be_read_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.json"
    path.write_bytes(content)
    with pytest.raises(DamagedRegister, match=r"names\.json"):
        change_register(path, partial(_with, "a"))
    assert path.read_bytes() == content
