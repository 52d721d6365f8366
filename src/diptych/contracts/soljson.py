"""Fetch a compiler: npm packs it, its SHA-512 is checked, one file is kept."""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from diptych.contracts.pins import SOLC_INTEGRITY, SOLC_VERSION
from diptych.core.digests import same_digest
from diptych.core.files import sync_folder, write_error

_MEMBER = "package/soljson.js"
_MAX_BYTES = 64 << 20
_TIMEOUT_S = 300


def download_soljson(
    npm: list[str], target: Path, version: str = SOLC_VERSION, integrity: str | None = None
) -> str:
    """Fetch the compiler to `target`, whole or not at all.

    Args:
        npm: the command that runs npm.
        target: file to write; its folder is made.
        version: which compiler.
        integrity: SHA-512 that the package must have, by default that of the pinned version;
            empty leaves the check to npm, which compares with what its registry says.

    Returns:
        Empty, or why it could not be had.

    Raises:
        EnvironmentFault: `target` cannot be written.
    """
    wanted = SOLC_INTEGRITY if integrity is None else integrity
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-") as scratch:
            reason = _fetch(npm, Path(scratch), version, wanted)
            if not reason:
                os.replace(Path(scratch) / "soljson.js", target)
                sync_folder(target.parent)
            return reason
    except OSError as error:
        raise write_error(target, error) from error


def _fetch(npm: list[str], folder: Path, version: str, integrity: str) -> str:
    package = f"solc@{version}"
    command = [*npm, "pack", package, "--ignore-scripts", "--pack-destination", "."]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"npm did not deliver {package} in {_TIMEOUT_S} s"
    tarballs = sorted(folder.glob("*.tgz"))
    if done.returncode != 0 or len(tarballs) != 1:
        return f"npm pack {package} ended with exit code {done.returncode}"
    return _unpack(tarballs[0], folder / "soljson.js", integrity)


def _unpack(tarball: Path, target: Path, integrity: str) -> str:
    with tarball.open("rb") as stream:
        got = "sha512-" + base64.b64encode(hashlib.file_digest(stream, "sha512").digest()).decode()
    if integrity and not same_digest(got.encode(), integrity.encode()):
        return f"got a package with {got}, expected {integrity}"
    try:
        with tarfile.open(tarball, "r:gz") as archive:
            member = next((item for item in archive if item.name == _MEMBER), None)
            source = archive.extractfile(member) if member and member.isreg() else None
            if member is None or source is None or member.size > _MAX_BYTES:
                return f"no regular file {_MEMBER} in the package"
            with target.open("xb") as stream:
                shutil.copyfileobj(source, stream)
                stream.flush()
                os.fsync(stream.fileno())
    except (tarfile.TarError, EOFError) as error:
        return f"the package cannot be unpacked: {error}"
    return ""
