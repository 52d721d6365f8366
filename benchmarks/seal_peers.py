"""The peers of the seal benchmark: model-signing with a P-256 key, and DVC."""

import os
import shutil
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from harness import Spent, peer_python, run_child

ENVIRONMENT = {**os.environ, "DVC_NO_ANALYTICS": "1"}
MODEL_SIGNING = ("model-signing==1.1.1", "pyopenssl")
DVC = ("dvc==3.67.1",)


def signing_key(base: Path) -> None:
    """Write a P-256 key pair for model-signing."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (base / "key.priv").write_bytes(private)
    public = key.public_key()
    (base / "key.pub").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )


class ModelSigning:
    """The command line of model-signing with a P-256 key."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._program = str(peer_python("model-signing", *MODEL_SIGNING).with_name("model_signing"))
        signing_key(base)

    def seal(self, name: str) -> Spent:
        """Sign one input."""
        return self._run("sign", name, "--private_key", "key.priv")

    def verify(self, name: str) -> Spent:
        """Verify one signed input."""
        return self._run("verify", name, "--public_key", "key.pub")

    def _run(self, verb: str, name: str, *key: str) -> Spent:
        words = [self._program, verb, "key", name, *key, "--signature", f"{name}.sig"]
        return run_child(words, cwd=self._base, env=ENVIRONMENT)


class Dvc:
    """`dvc add` in a fresh repository whose cache takes hard links instead of copies."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._folder = base / "dvc"
        self._program = str(peer_python("dvc", *DVC).with_name("dvc"))

    def add(self, name: str) -> Spent:
        """Register one input."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self._run("init", "-q", "--no-scm")
        self._run("config", "cache.type", "hardlink")
        shutil.copytree(self._base / name, self._folder / name)
        try:
            return self._run("add", "-q", name)
        finally:
            shutil.rmtree(self._folder)

    def _run(self, *words: str) -> Spent:
        return run_child([self._program, *words], cwd=self._folder, env=ENVIRONMENT)
