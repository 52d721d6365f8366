"""`model export --format model-signing` and `model import --signature`: OpenSSF model signing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from diptych.app.verbs.model.load import Loading, check, read_files
from diptych.app.verbs.model.package import TargetExists
from diptych.app.verbs.model.prepare import Publishing, prepare_model
from diptych.app.verbs.model.publish import Published, publish_prepared
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import make_folder, write_durably
from diptych.models.interop.signing import TrustedSigners, sign_model, verify_model_signature
from diptych.models.interop.signing_certificates import load_certificates
from diptych.models.interop.signing_keys import load_private_key, load_public_key
from diptych.models.interop.sigstore_bundle import MAX_BUNDLE_BYTES
from diptych_verify.__main__ import NoSuchFile

_MAX_PEM_BYTES = 4 << 20


class NeedsSigner(UsageError):
    """A signature is checked against one key or given roots: alone it vouches for nothing."""

    code = "Signing.NeedsSigner"


@dataclass(frozen=True)
class SignedBy:
    """A signature of another system and whom to believe: a key or certificates, not both.

    Attributes:
        signature: file of the Sigstore bundle.
        key: PEM file of the signer's public key.
        certificates: PEM files of the roots to believe.
        ignored: paths below the model that are no part of it.
    """

    signature: Path
    key: Path | None = None
    certificates: Sequence[Path] = ()
    ignored: Sequence[str] = ()


def export_signature(
    workspace: Workspace, what: str, target: Path, *, key: Path, certificates: Sequence[Path] = ()
) -> Path:
    """Write a signature over a version that `model_signing verify` accepts with its files.

    Args:
        workspace: where the log stands.
        what: reference to a version, which is checked as `models.load` does.
        target: file, which must not exist.
        key: PEM file of a private key on P-256, P-384, P-521 (or Ed25519, which only we verify).
        certificates: PEM files, that of the key first; none for a bare key.

    Raises:
        TargetExists: `target` exists.
        UnusableKey: a file holds no such key or certificate.
        VerificationError: the model does not pass the checks of `models.load`.
    """
    place = workspace.start / target
    if place.exists():
        raise TargetExists(f"{target} exists already", hint="give another name with -o")
    private = load_private_key(_read(workspace, key, _MAX_PEM_BYTES))
    chain = [
        one
        for file in certificates
        for one in load_certificates(_read(workspace, file, _MAX_PEM_BYTES))
    ]
    with workspace.read_log() as log:
        found, _ = check(workspace, log, what, Loading(action="distribute"))
        content = read_files(workspace, found, None).content
    write_durably(place, sign_model(content, found.claim.name, private, chain))
    return place


def import_signed(
    workspace: Workspace,
    path: Path,
    signed: SignedBy,
    *,
    name: str | None = None,
    trust: Sequence[str] = (),
) -> Published:
    """Verify a model that was signed elsewhere and publish it here with the signature as evidence.

    Only the signed files become the version, from the very bytes that were compared. The bundle is
    kept as an object; the record names it, the signer's key and the subject of its certificate.

    Args:
        workspace: that takes it over.
        path: file or folder of the model.
        signed: signature, and whom to believe.
        name: under which to publish it; by default the one that was signed, or that of the path.
        trust: class names that a skops file may hold besides those that skops trusts.

    Raises:
        NeedsSigner: neither key nor certificates are given, or both.
        NoSuchFile: a file is not there.
        VerificationError: signature or files are refused.
    """
    if (signed.key is None) == (not signed.certificates):
        raise NeedsSigner("give the signer's key or certificates, one of both")
    place = workspace.start / path
    if not place.exists():
        raise NoSuchFile(f"there is no {path}")
    raw = _read(workspace, signed.signature, MAX_BUNDLE_BYTES)
    found = verify_model_signature(
        raw, place, _trusted(workspace, signed), ignored=_ignored(workspace, place, signed)
    )
    with TemporaryDirectory(prefix="diptych-import-") as scratch:
        folder = Path(scratch) / "model"
        for file, content in found.content.items():
            make_folder((folder / file).parent)
            (folder / file).write_bytes(content)
        given = folder if place.is_dir() else folder / place.name
        asked = Publishing(name or found.name or path.stem, trust=trust)
        prepared = prepare_model(workspace, given, asked)
    imported: dict[str, JsonValue] = {
        "format": "model-signing",
        "signature": workspace.objects.put([raw]),
        "key": found.key,
    }
    if found.signer:
        imported["signer"] = found.signer[:200]
    workspace.objects.flush()
    return publish_prepared(workspace, prepared, imported=imported)


def _trusted(workspace: Workspace, signed: SignedBy) -> TrustedSigners:
    if signed.key is not None:
        return TrustedSigners(load_public_key(_read(workspace, signed.key, _MAX_PEM_BYTES)))
    roots = [
        one
        for file in signed.certificates
        for one in load_certificates(_read(workspace, file, _MAX_PEM_BYTES))
    ]
    return TrustedSigners(roots=tuple(roots), time_s=workspace.clock())


def _ignored(workspace: Workspace, place: Path, signed: SignedBy) -> list[str]:
    """Return the given paths and, where it lies in the model, the signature itself."""
    own = (workspace.start / signed.signature).resolve()
    folder = place.resolve()
    inside = [own.relative_to(folder).as_posix()] if own.is_relative_to(folder) else []
    return [*signed.ignored, *inside]


def _read(workspace: Workspace, file: Path, max_bytes: int) -> bytes:
    try:
        with (workspace.start / file).open("rb") as stream:
            return stream.read(max_bytes + 1)
    except OSError:
        raise NoSuchFile(f"there is no readable file {file}") from None
