"""A model signed for users of OpenSSF model signing, and one that somebody else signed."""

import os
import tempfile
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from safetensors.numpy import save_file

import diptych
from diptych.core.errors import VerificationError

with tempfile.TemporaryDirectory() as scratch:
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    folder = Path(scratch)
    os.chdir(folder)
    book = diptych.create(folder)

    model = folder / "model"
    model.mkdir()
    save_file({"W": np.ones((4, 2), np.float32)}, model / "model.safetensors")
    (model / "README.md").write_text("Two outputs.\n")
    book.models.publish(model, "tiny")

    # A signing key of its own: one key per purpose. openssl makes such files too.
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    Path("key.pem").write_bytes(secret)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    Path("pub.pem").write_bytes(public)

    book.models.export_signature("tiny", "model.sig", key=Path("key.pem"))
    print("users run: model_signing verify key model --signature model.sig --public_key pub.pem")

    taken = book.models.import_signed(model, Path("model.sig"), key=Path("pub.pem"), name="theirs")
    print(f"imported {taken.name}@{taken.version}, {taken.files} files, signature kept as evidence")

    (model / "README.md").write_text("Three outputs.\n")
    try:
        book.models.import_signed(model, Path("model.sig"), key=Path("pub.pem"), name="theirs")
    except VerificationError as error:
        print(f"refused [{error.code}]: {error.message}")
