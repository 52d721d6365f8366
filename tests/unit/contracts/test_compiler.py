"""Obtaining the compiler: every way it can be missing or wrong is told, also how to go on."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from diptych.contracts import compiler as compiler_module
from diptych.contracts import soljson as soljson_module
from diptych.contracts.compiler import (
    CompileFailed,
    Compiler,
    CompilerMismatch,
    CompilerMissing,
    cached_soljson,
    find_compiler,
)


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without node, npm and cached compiler; returns the folder on its PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(compiler_module, "find_spec", lambda _name: None)
    return programs


def _program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _package(path: Path, member: str, content: bytes) -> None:
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))


def _npm_delivering(folder: Path, tarball: Path) -> Path:
    return _program(folder, "npm", f"/bin/cp {tarball} ./solc.tgz")


def test_without_node_the_hint_names_the_extra(empty_machine: Path) -> None:
    del empty_machine
    with pytest.raises(CompilerMissing) as caught:
        find_compiler()
    assert "diptych[node]" in caught.value.hint
    assert caught.value.exit_code == 3


def test_without_npm_the_hint_says_how_to_go_on_offline(empty_machine: Path) -> None:
    _program(empty_machine, "node", "")
    for install in (True, False):
        with pytest.raises(CompilerMissing) as caught:
            find_compiler(install=install)
        assert "npm pack solc@" in caught.value.hint
        assert str(cached_soljson()) in caught.value.hint


def test_without_network_npms_failure_is_told(empty_machine: Path) -> None:
    _program(empty_machine, "node", "")
    _program(empty_machine, "npm", "exit 7")
    with pytest.raises(CompilerMissing, match="exit code 7") as caught:
        find_compiler()
    assert "npm pack solc@" in caught.value.hint


def test_a_package_with_another_digest_is_not_used(empty_machine: Path, tmp_path: Path) -> None:
    _program(empty_machine, "node", "")
    _package(tmp_path / "evil.tgz", "package/soljson.js", b"process.exit(0)")
    _npm_delivering(empty_machine, tmp_path / "evil.tgz")
    with pytest.raises(CompilerMissing, match="expected sha512-"):
        find_compiler()
    assert not cached_soljson().exists()
    assert list(cached_soljson().parent.iterdir()) == []


def _pin(monkeypatch: pytest.MonkeyPatch, tarball: Path, content: bytes) -> None:
    import base64
    import hashlib

    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    monkeypatch.setattr(soljson_module, "SOLC_INTEGRITY", f"sha512-{digest}")
    monkeypatch.setattr(compiler_module, "SOLJSON_SHA256", hashlib.sha256(content).hexdigest())


def test_the_pinned_package_is_kept_and_used_again(
    empty_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = _program(empty_machine, "node", "")
    tarball = tmp_path / "good.tgz"
    _package(tarball, "package/soljson.js", b"compiler")
    _pin(monkeypatch, tarball, b"compiler")
    _npm_delivering(empty_machine, tarball)
    assert find_compiler() == Compiler(node, cached_soljson())
    (empty_machine / "npm").unlink()
    assert find_compiler().soljson.read_bytes() == b"compiler"
    cached_soljson().write_bytes(b"compileR")
    with pytest.raises(CompilerMismatch, match="expected"):
        find_compiler()


@pytest.mark.parametrize("member", ["package/other.js", "../soljson.js"])
def test_a_package_without_the_file_is_refused(
    empty_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    _program(empty_machine, "node", "")
    tarball = tmp_path / "odd.tgz"
    _package(tarball, member, b"compiler")
    _pin(monkeypatch, tarball, b"compiler")
    _npm_delivering(empty_machine, tarball)
    with pytest.raises(CompilerMissing, match="no regular file"):
        find_compiler()


def test_a_named_file_is_checked_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "soljson.js").write_bytes(b"anything")
    with pytest.raises(CompilerMismatch) as caught:
        find_compiler(tmp_path / "soljson.js", node=Path("node"))
    assert caught.value.code == "Contract.CompilerMismatch"
    with pytest.raises(CompilerMissing, match="cannot read"):
        find_compiler(tmp_path / "absent.js", node=Path("node"))


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 1", "could not run solc"),
        ("echo no json", "could not run solc"),
        ('echo \'{"errors": [{"severity": "error", "formattedMessage": "bad"}]}\'', "bad"),
    ],
)
def test_a_compiler_that_fails_is_told(tmp_path: Path, script: str, told: str) -> None:
    node = _program(tmp_path, "node", f"/bin/cat > /dev/null\n{script}")
    with pytest.raises(CompileFailed, match=told):
        Compiler(node, tmp_path / "soljson.js").compile({})


def test_warnings_do_not_fail_a_compilation(tmp_path: Path) -> None:
    node = _program(
        tmp_path, "node", '/bin/cat > /dev/null\necho \'{"errors": [{"severity": "warning"}]}\''
    )
    output = Compiler(node, tmp_path / "soljson.js").compile({})
    assert output == {"errors": [{"severity": "warning"}]}


def test_a_full_disk_or_read_only_cache_is_an_environment_fault(
    empty_machine: Path, tmp_path: Path
) -> None:
    _program(empty_machine, "node", "")
    _program(empty_machine, "npm", "")
    (tmp_path / "cache").write_bytes(b"a file where a folder should be")
    with pytest.raises(Exception, match="cannot write") as caught:
        find_compiler()
    assert getattr(caught.value, "code", "") == "Environment.CannotWrite"
    assert os.path.isfile(tmp_path / "cache")
