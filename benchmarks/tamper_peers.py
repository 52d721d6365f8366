"""What bench_tamper.py asks of a peer: does it notice that files are not what was registered?"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from harness import HERE, peer_python, run_child

# No usage statistics, no update checks.
ENVIRONMENT = {**os.environ, "DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


class Peer(Protocol):
    """One tool; `catches` registers the good folder first. None means the tool has no such idea."""

    def catches(self, good: Path, tampered: Sequence[Path]) -> dict[Path, bool]:
        """Tell for each tampered copy whether the tool notices it."""
        ...

    def catches_key_swap(self) -> bool | None:
        """Tell whether a record signed by another key is noticed."""
        ...

    def catches_regenerated(self, tampered: Path) -> bool:
        """Tell whether tampered files with a newly made record are noticed."""
        ...


def _succeeds(command: Sequence[str], folder: Path) -> bool:
    done = subprocess.run(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


class ModelSigningPeer:
    """model-signing: a P-256 signature over the file list, verified with the true public key."""

    def __init__(self, work: Path) -> None:
        python = peer_python("model-signing", "model-signing==1.1.1", "pyopenssl")
        self._program = str(python.with_name("model_signing"))
        self._work = work
        for owner in ("true", "mallory"):
            _write_key(work / f"{owner}.priv", work / f"{owner}.pub")

    def catches(self, good: Path, tampered: Sequence[Path]) -> dict[Path, bool]:
        """Sign the good folder, verify the copies."""
        self._sign(good, "true")
        if not self._verifies(good, "true"):
            raise RuntimeError("model-signing refuses what it signed itself")
        self._sign(good, "mallory")
        self._good = good
        return {copy: not self._verifies(copy, "true") for copy in tampered}

    def catches_key_swap(self) -> bool:
        """Verify a signature of another key."""
        return not self._verifies(self._good, "mallory")

    def catches_regenerated(self, tampered: Path) -> bool:
        """Verify tampered files signed by another key."""
        self._sign(tampered, "mallory")
        return not self._verifies(tampered, "mallory")

    def _sign(self, folder: Path, owner: str) -> None:
        self._run("sign", folder, owner, ["--private_key", f"{owner}.priv"])

    def _verifies(self, folder: Path, owner: str) -> bool:
        words = ["--public_key", "true.pub", "--signature", f"{owner}.sig"]
        return _succeeds([self._program, "verify", "key", str(folder), *words], self._work)

    def _run(self, verb: str, folder: Path, owner: str, key: list[str]) -> None:
        words = [self._program, verb, "key", str(folder), *key, "--signature", f"{owner}.sig"]
        run_child(words, cwd=self._work, env=ENVIRONMENT)


def _write_key(private: Path, public: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


class DvcPeer:
    """DVC: `dvc add`, then `dvc status` on changed files. It has no keys."""

    def __init__(self, work: Path) -> None:
        self._program = str(peer_python("dvc", "dvc==3.67.1").with_name("dvc"))
        self._work = work
        self._run("init", "-q", "--no-scm")

    def catches(self, good: Path, tampered: Sequence[Path]) -> dict[Path, bool]:
        """Add the good folder, then ask for the status with each copy in its place."""
        self._place(good)
        self._run("add", "-q", "trial")
        if self._notices():
            raise RuntimeError("DVC complains about what it added itself")
        found = {}
        for copy in tampered:
            self._place(copy)
            found[copy] = self._notices()
        return found

    def catches_key_swap(self) -> None:
        """There are no keys to swap."""

    def catches_regenerated(self, tampered: Path) -> bool:
        """Add the tampered folder, as whoever writes the repository can."""
        self._place(tampered)
        self._run("add", "-q", "trial")
        return self._notices()

    def catches_altered_store(self) -> bool:
        """Alter a cached file, delete the folder, restore it: is what comes back refused?"""
        self._run("add", "-q", "trial")
        cached = [one for one in (self._work / ".dvc/cache/files").rglob("*") if one.is_file()]
        for one in cached:
            if one.suffix != ".dir":
                one.chmod(0o644)
                one.write_bytes(b"altered")
        shutil.rmtree(self._work / "trial")
        return not _succeeds([self._program, "checkout", "--force"], self._work)

    def _place(self, folder: Path) -> None:
        shutil.rmtree(self._work / "trial", ignore_errors=True)
        shutil.copytree(folder, self._work / "trial")

    def _notices(self) -> bool:
        return "up to date" not in self._run("status")

    def _run(self, *words: str) -> str:
        return run_child([self._program, *words], cwd=self._work, env=ENVIRONMENT).output


class MlflowPeer:
    """MLflow: artifacts of a run, altered in the artifact store, then fetched. It has no keys."""

    def __init__(self, work: Path) -> None:
        self._python = str(peer_python("mlflow", "mlflow==3.17.2"))
        self._work = work

    def catches(self, good: Path, tampered: Sequence[Path]) -> dict[Path, bool]:
        """Log the good folder once for each copy and fetch it after the exchange."""
        script = str(HERE / "tamper_mlflow.py")
        words = [self._python, script, str(self._work), str(good), *map(str, tampered)]
        output = run_child(words, cwd=self._work, env=ENVIRONMENT).output
        noticed: list[bool] = json.loads(output.strip().splitlines()[-1])
        self._seen = dict(zip(tampered, noticed, strict=True))
        return self._seen

    def catches_key_swap(self) -> None:
        """There are no keys to swap."""

    def catches_regenerated(self, tampered: Path) -> bool:
        """Nothing but the artifacts could be made anew: there is no record of their content."""
        return self._seen[tampered]
