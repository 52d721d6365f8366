"""Readers of what others hand over: shares, backups of keys, medical images, foreign signatures."""

import base64
import io
import json
import shutil
import tarfile
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from tests.golden.world import FILES, seed
from tests.property.fuzz.engine import Target
from tests.property.fuzz.mutate import cut_files, pack_files
from tests.property.fuzz.targets_verifier import BUNDLES, flags
from tests.unit.identity.makers import claims, did_document, ed25519, issuer_key, jwt, proven
from tests.unit.private.table_case import MASTER, Case

from diptych.app.verbs.data.key_backups import FORMAT, database_bytes, read_key_backup
from diptych.app.verbs.data.received_content import write_content
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.core.secret import Secret
from diptych.data.imaging import Keyed, Profile, clean_instance
from diptych.data.imaging.checking import verify_cleaned
from diptych.data.imaging.pictures import draw_picture
from diptych.data.imaging.profile import parse_profile
from diptych.data.imaging.reading import Limits, parse_instance
from diptych.data.imaging.review import HeldImage, ReviewList
from diptych.models.interop.signed_resources import parse_signed_model
from diptych.models.interop.signing import sign_model
from diptych.models.interop.sigstore_bundle import parse_sigstore_bundle
from diptych.provenance.private.table import DataKeys
from diptych.provenance.sharing import open_share
from diptych.provenance.sharing.container import write_share
from diptych.provenance.sharing.recipients import ECIES, Identity, Recipient
from diptych_verify.bundle import parse_bundle
from diptych_verify.identity.credential import parse_credential
from diptych_verify.identity.did import parse_did_document
from diptych_verify.identity.document import parse_evidence
from diptych_verify.manifest import read_manifest

_DID = "did:web:hospital.example"
_TOKEN = bytes(32)


class _Recipient(Recipient):
    """A box that anybody opens: what is in it is under test, not who may."""

    def encrypt(self, plain: bytes) -> bytes:
        return plain


class _Identity(Identity):
    def decrypt(self, box: bytes) -> bytes | None:
        return box


_WHOM = _Recipient(ECIES, "secp256k1:" + "02" * 33)
_WHO = _Identity(ECIES, Secret("00" * 32))
_MODEL = {"m.onnx": b"not a model", "sub/README.md": b"read me"}


def exchange_targets(folder: Path) -> list[Target]:
    """Return the targets of this module; `folder` is scratch space."""
    folder.mkdir(parents=True)
    signed = sign_model(_MODEL, "m", _p256())
    payload = base64.b64decode(json.loads(signed)["dsseEnvelope"]["payload"])
    documents = [did_document(_DID, issuer_key(ed25519("issuer")))]
    return [
        *_shares(folder / "share"),
        _key_backups(folder / "keys"),
        *_images(),
        Target("sigstore_bundle", parse_sigstore_bundle, [signed], "json", 20, 4 << 20),
        Target("signed_model", parse_signed_model, [payload], "json", 20, 4 << 20),
        Target("did_document", _read_did, documents, "json", 20, 64 << 10),
        Target("credential", _read_credential, _credentials(), "json", 20, 64 << 10),
        Target("identity_evidence", parse_evidence, [_evidence()], "json", 20, 64 << 10),
    ]


def _p256() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(seed("p256")[:31]), ec.SECP256R1())


def _evidence() -> bytes:
    members = {"format": "diptych-identity/1", "method": "did:web", "did": _DID}
    key = f"ed25519:{'ab' * 32}"
    document = base64.b64encode(did_document(_DID, issuer_key(ed25519("issuer")))).decode()
    return canonical_json({**members, "keyid": key, "document": document})


def _read_did(raw: bytes) -> object:
    return parse_did_document(raw, _DID)


def _credentials() -> list[bytes]:
    key = ed25519("issuer")
    said = claims(_DID, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
    return [proven(said, key, f"{_DID}#key-1"), jwt({**said}, key, "EdDSA", kid=f"{_DID}#key-1")]


def _read_credential(raw: bytes) -> object:
    return parse_credential(raw)


def _shares(folder: Path) -> list[Target]:
    """Return the reader of share files, and of what a sender can put into one that decrypts."""
    bundle = next(one for one in BUNDLES if b'"manifest"' in one)
    listed = read_manifest(io.BytesIO(base64.b64decode(json.loads(bundle)["manifest"])))
    content = b"".join(FILES[entry.path] for entry in listed)
    parts = pack_files([(0, bundle), (1, bundle), (2, content)])

    def read(raw: bytes) -> object:
        opened = open_share(io.BytesIO(raw), _WHO)
        return parse_bundle(opened.share), parse_bundle(opened.subject)

    def read_parts(raw: bytes) -> object:
        opened = open_share(io.BytesIO(_share(cut_files(raw))), _WHO)
        parse_bundle(opened.share)
        try:
            return write_content(folder / "data", parse_bundle(opened.subject), opened.content)
        finally:
            shutil.rmtree(folder / "data", ignore_errors=True)
            if list(folder.iterdir()):
                raise AssertionError("content was written elsewhere")

    folder.mkdir()
    return [
        Target("share", read, [_share(cut_files(parts))], "binary", 10, 1 << 20),
        Target("share_content", read_parts, [parts], "files", 10),
    ]


def _share(parts: list[tuple[int, bytes]]) -> bytes:
    by_name = {name % 3: content for name, content in parts}
    target = io.BytesIO()
    bundles = (by_name.get(0, b""), by_name.get(1, b""))
    write_share(target, [(_WHOM, _TOKEN)], bundles, [by_name.get(2, b"")])
    return target.getvalue()


def _key_backups(folder: Path) -> Target:
    """Return the reader of key backups: the archive, its header, and the databases in it."""
    case = Case.make(folder, subjects=2)
    case.stores.close()
    header: dict[str, JsonValue] = {
        "format": FORMAT,
        "origin": "diptych.log/x",
        "size": 3,
        "made_s": 9,
        "retain_s": 5,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in (
            ("header.json", canonical_json(header)),
            ("datakeys.sqlite", database_bytes(folder / "private" / "datakeys.sqlite")),
        ):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            archive.addfile(member, io.BytesIO(content))
    path = folder / "fuzzed.tar"

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        found, stores = read_key_backup(path)
        if "datakeys.sqlite" in stores:
            with closing(DataKeys.from_bytes(stores["datakeys.sqlite"], MASTER)) as copy:
                for root in copy.roots():
                    copy.table_key(root)
                    list(copy.subjects(root))
        return found.to_json()

    return Target("key_backup", read, [buffer.getvalue()], "tar", 10)


def _images() -> list[Target]:
    from pydicom.data import get_testdata_file
    from tests.unit.imaging.maker import image, written

    seeds = [written(image()), written(image(), syntax="1.2.840.10008.1.2")]
    for name in ("MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "SC_rgb_small_odd_jpeg.dcm"):
        seeds.append(Path(str(get_testdata_file(name))).read_bytes())
    profile = b'{"retain":[],"blank":["0,0,2,2"],"pixels_accepted":"","words":["thorax"]}'
    held = HeldImage(1, "2.25.1/2.25.2.dcm", "a secondary capture", whole=True)
    review = ReviewList("ab" * 16, (held.tagged("ab" * 16, b"image", bytes(32)),)).dump()
    return [
        Target("dicom", _clean, seeds, "binary", 10, 1 << 20),
        Target("dicom_profile", parse_profile, [profile], "json", 10, 64 << 10),
        Target("dicom_review", ReviewList.parse, [review], "json", 10, 64 << 10),
    ]


def _clean(raw: bytes) -> object:
    """De-identify and check the result, as `data deidentify` does with every file."""
    read = parse_instance(raw, Limits(elements=20_000))
    profile = Profile(pixels_accepted="made by a test")
    cleaned = clean_instance(read, profile, Keyed(bytes(32)))
    if flags(raw) % 4 == 0:
        verify_cleaned(raw, cleaned.content, profile)
        draw_picture(cleaned.content)
    return cleaned
