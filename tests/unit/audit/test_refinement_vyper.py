"""Vyper's compilers: picked by pragma, kept apart, bounded, and never let out of their folder."""

import os
import sys
from pathlib import Path

import pytest

from diptych.audit.compile import CompilerUnavailable, NotCompiled
from diptych.audit.compile import vyper as module
from diptych.audit.compile.refine import Refined
from diptych.audit.compile.refine_vyper import refine_vyper
from diptych.audit.compile.vyper import (
    VyperSources,
    VyperToolchain,
    install_vyper,
    vyper_cache,
    vyper_candidates,
)
from diptych.audit.source.load import load_program

SOURCE = """# pragma version ^0.4.0
import lib
@external
def pay() -> uint256:
    return lib.one()
"""
LIBRARY = "@internal\ndef one() -> uint256:\n    return 1\n"
ABI = '[{"type": "function", "name": "pay"}, {"type": "event"}, 7]'


def stub(folder: Path, body: str) -> VyperToolchain:
    """Return a toolchain whose every compiler is a script."""
    script = folder / "python"
    script.write_text(f"#!{sys.executable} -I\nimport os, sys, time\n{body}\n")
    script.chmod(0o700)
    return VyperToolchain(folder, lambda _version, _cache: script)


def refine(folder: Path, toolchain: VyperToolchain, source: str = SOURCE) -> Refined:
    (folder / "a.vy").write_text(source)
    (folder / "lib.vy").write_text(LIBRARY)
    return refine_vyper(load_program([folder / "a.vy"]), toolchain)


@pytest.mark.parametrize(
    ("pragma", "versions"),
    [
        ("vyper ^0.3.7", ("0.3.10",)),
        ("vyper 0.3.7", ("0.3.7",)),
        ("vyper >=0.3.9", ("0.4.3", "0.3.10")),
        ("vyper 0.1.0", ()),
        ("solidity ^0.8.0", ("0.4.3", "0.3.10", "0.2.16")),
        ("vyper ==0.4.1; rm -rf", ("0.4.1",)),
    ],
)
def test_the_newest_of_each_minor_version_that_a_pragma_allows(
    pragma: str, versions: tuple[str, ...]
) -> None:
    assert vyper_candidates((pragma,)) == versions


def test_a_file_that_compiles_is_marked_with_the_version(tmp_path: Path) -> None:
    found = refine(tmp_path, stub(tmp_path, f"print({ABI!r})"))
    assert found.loaded.compilers == {str(tmp_path / "a.vy"): "vyper 0.4.3"}
    assert (found.refused, found.loaded.reasons) == ({}, {})


def test_what_the_compiler_sees_and_we_do_not_makes_a_file_partial(tmp_path: Path) -> None:
    found = refine(tmp_path, stub(tmp_path, f"print({ABI.replace('pay', 'gone')!r})"))
    assert "'gone'" in found.loaded.reasons[str(tmp_path / "a.vy")][0]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("print('vyper.exceptions.Odd: no', file=sys.stderr); sys.exit(1)", "Odd: no"),
        ("sys.exit(1)", "it died"),
        ("print('no JSON')", "no interface"),
        ("print('[' * 100_000)", "no interface"),
        ("time.sleep(60)", "did not answer"),
        ("x = bytearray(4 << 30)", "MemoryError"),
        ("sys.stdout.write('x' * (64 << 20))", ""),
    ],
)
def test_a_compiler_that_fails_costs_only_the_refinement(
    body: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT_S", 5 if "sleep" not in body else 0.2)
    found = refine(tmp_path, stub(tmp_path, body))
    assert found.loaded.compilers == {}
    assert told in found.refused[str(tmp_path / "a.vy")]


def test_the_compiler_runs_in_a_folder_of_its_own_and_learns_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    body = "assert 'SECRET_TOKEN' not in os.environ and sorted(os.listdir()) == ['a.vy', 'lib.vy']"
    found = refine(tmp_path, stub(tmp_path, f"{body}\nprint({ABI!r})"))
    assert found.refused == {}


@pytest.mark.parametrize("name", ["../a.vy", "/tmp/a.vy", "x/../../a.vy", "-p.vy", "a\x00.vy", ""])
def test_no_source_is_written_outside(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotCompiled):
        stub(tmp_path, "").check(VyperSources({name: b""}, name), ())
    with pytest.raises(NotCompiled, match="cannot be a file"):
        stub(tmp_path, "").check(VyperSources({"x" * 999: b""}, "x" * 999), ())


def test_offline_the_hint_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_INSTALL_TIMEOUT_S", 0.01)
    with pytest.raises(CompilerUnavailable) as error:
        install_vyper("0.4.3", tmp_path / "cache")
    assert "pip install vyper==0.4.3" in str(error.value.hint)
    assert list((tmp_path / "cache").iterdir()) == []
    found = refine(tmp_path, VyperToolchain(tmp_path / "cache"))
    assert "pip install" in found.refused[str(tmp_path / "a.vy")]


@pytest.mark.node
def test_the_right_compiler_compiles_modules(tmp_path: Path) -> None:
    (tmp_path / "mods").mkdir()
    found = refine(tmp_path, VyperToolchain(vyper_cache(os.environ)))
    if any("cannot be fetched" in why for why in found.refused.values()):
        pytest.skip("no network")
    assert set(found.loaded.compilers.values()) == {"vyper 0.4.3"}
    broken = refine(
        tmp_path, VyperToolchain(vyper_cache(os.environ)), SOURCE.replace("one()", "two()")
    )
    assert "vyper.exceptions" in broken.refused[str(tmp_path / "a.vy")]
