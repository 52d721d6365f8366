"""OpenSSF model signing, both ways: verify a signature with its files, and make one.

Source: https://github.com/sigstore/model-transparency (predicate `signature/v1.0`).
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from diptych.core.errors import JsonValue
from diptych.models.interop.errors import UntrustedSigner, UnusableKey
from diptych.models.interop.signed_files import read_signed
from diptych.models.interop.signed_resources import PREDICATE, parse_signed_model
from diptych.models.interop.signing_certificates import signer_of
from diptych.models.interop.signing_keys import (
    PrivateKey,
    PublicKey,
    key_hint,
    sign_with_key,
    verify_with_key,
)
from diptych.models.interop.sigstore_bundle import MEDIA_TYPE, parse_sigstore_bundle
from diptych_verify.dsse import IN_TOTO
from diptych_verify.statement import STATEMENT_TYPE


@dataclass(frozen=True)
class TrustedSigners:
    """Whom to believe: exactly one of a key and roots.

    Attributes:
        key: the signer's public key.
        roots: certificates of authorities.
        time_s: now, for the validity of certificates.
    """

    key: PublicKey | None = None
    roots: tuple[Certificate, ...] = ()
    time_s: float = 0.0


@dataclass(frozen=True)
class VerifiedModel:
    """A model whose signature and files were compared.

    Attributes:
        name: that the signer gave it.
        content: the signed files, and nothing else.
        signer: subject of the certificate, empty for a bare key.
        key: hex SHA-256 of the signer's public key as PEM.
    """

    name: str
    content: Mapping[str, bytes]
    signer: str
    key: str


def verify_model_signature(
    raw: bytes, path: Path, trusted: TrustedSigners, *, ignored: Sequence[str] = ()
) -> VerifiedModel:
    """Verify a signature and re-read every signed file.

    Args:
        raw: the bundle.
        path: the model's file or folder.
        trusted: whom to believe.
        ignored: paths below the model that are no part of it.

    Raises:
        MalformedError: the bundle or its statement is malformed.
        KeylessSignature: it was signed without a key of the signer's own.
        UnsupportedSigning: it covers the model in a way that is not known here.
        UntrustedSigner: the signer is not the one to believe.
        BadSignature: the signature does not verify.
        DigestMismatch: files were changed, removed or added.
        BadPackage: the model holds links or special files.
    """
    bundle = parse_sigstore_bundle(raw)
    name = ""
    if trusted.key is not None:
        key = trusted.key
        if bundle.certificates:
            raise UntrustedSigner(
                "the signature is by certificate, but a key was given",
                hint="give the signer's root with --certificate-chain",
            )
    elif bundle.certificates:
        key, name = signer_of(bundle.certificates, trusted.roots, time_s=trusted.time_s)
    else:
        raise UntrustedSigner(
            "the signature is by a bare key, but certificates were given",
            hint="give the signer's public key with --key",
        )
    verify_with_key(bundle, key)
    signed = parse_signed_model(bundle.payload)
    content = read_signed(path, signed, ignored=ignored)
    return VerifiedModel(signed.name, content, name, key_hint(key))


def sign_model(
    content: Mapping[str, bytes],
    name: str,
    key: PrivateKey,
    certificates: Sequence[Certificate] = (),
) -> bytes:
    """Return a bundle that `model_signing verify` accepts (of an Ed25519 key: only we do).

    Args:
        content: all files of the model by path.
        name: of the model, for information.
        key: that signs.
        certificates: of the key, its own first; empty for a bare key.

    Raises:
        UnusableKey: the first certificate is for another key.
    """
    if certificates and certificates[0].public_key() != key.public_key():
        raise UnusableKey("the certificate is for another key than the one that signs")
    payload = _statement(content, name)
    bundle: dict[str, JsonValue] = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {**_material(key, certificates), "tlogEntries": []},
        "dsseEnvelope": {
            "payload": _b64(payload),
            "payloadType": IN_TOTO,
            "signatures": [{"sig": _b64(sign_with_key(key, payload)), "keyid": ""}],
        },
    }
    return json.dumps(bundle).encode()


def _material(key: PrivateKey, certificates: Sequence[Certificate]) -> dict[str, JsonValue]:
    if not certificates:
        return {"publicKey": {"hint": key_hint(key.public_key())}}
    chain: list[JsonValue] = [
        {"rawBytes": _b64(one.public_bytes(Encoding.DER))} for one in certificates
    ]
    return {"x509CertificateChain": {"certificates": chain}}


def _statement(content: Mapping[str, bytes], name: str) -> bytes:
    digests = {path: hashlib.sha256(content[path]) for path in sorted(content, key=PurePosixPath)}
    root = hashlib.sha256(b"".join(one.digest() for one in digests.values())).hexdigest()
    resources = [
        {"name": path, "algorithm": "sha256", "digest": one.hexdigest()}
        for path, one in digests.items()
    ]
    said = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": root}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
            "resources": resources,
        },
    }
    return json.dumps(said, indent=1).encode()


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
