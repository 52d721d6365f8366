"""OpenSSF model signatures: made, verified, and refused for the right reason."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.authorities import NOW, Authority

from diptych.core.errors import DiptychError
from diptych.models.interop.signed_resources import parse_signed_model
from diptych.models.interop.signing import TrustedSigners, sign_model, verify_model_signature
from diptych.models.interop.signing_certificates import load_certificates
from diptych.models.interop.signing_keys import load_public_key, sign_with_key
from diptych.models.interop.sigstore_bundle import parse_sigstore_bundle

FILES = {"a.bin": b"weights", "deep/b.txt": b"labels"}
CURVES: list[Any] = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]
SAMPLES = Path("../shared/data/trust/oms-signatures")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for name, raw in FILES.items():
        (tmp_path / "m" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / name).write_bytes(raw)
    return tmp_path / "m"


KEY = ec.generate_private_key(ec.SECP256R1())
BY_KEY = TrustedSigners(KEY.public_key())


def refused(raw: bytes, model: Path, trusted: TrustedSigners = BY_KEY) -> str:
    with pytest.raises(DiptychError) as caught:
        verify_model_signature(raw, model, trusted)
    return caught.value.code


def resealed(change: Callable[[dict[str, Any]], None], files: dict[str, bytes] = FILES) -> bytes:
    """A signature by the right key over a changed statement."""
    bundle = json.loads(sign_model(files, "m", KEY))
    envelope = bundle["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    raw = json.dumps(statement).encode()
    envelope["payload"] = base64.b64encode(raw).decode()
    envelope["signatures"][0]["sig"] = base64.b64encode(sign_with_key(KEY, raw)).decode()
    return json.dumps(bundle).encode()


@pytest.mark.parametrize("curve", CURVES, ids=lambda one: one.name)
def test_a_signature_by_any_curve_covers_exactly_the_files(model: Path, curve: Any) -> None:
    key = ec.generate_private_key(curve)
    found = verify_model_signature(
        sign_model(FILES, "m", key), model, TrustedSigners(key.public_key())
    )
    assert (found.name, dict(found.content)) == ("m", FILES)


def test_ed25519_too(model: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    raw = sign_model(FILES, "m", key)
    assert verify_model_signature(raw, model, TrustedSigners(key.public_key())).content == FILES


@pytest.mark.parametrize("what", ["changed", "removed", "added"])
def test_files_that_differ_are_named(model: Path, what: str) -> None:
    raw = sign_model(FILES, "m", KEY)
    if what == "changed":
        (model / "a.bin").write_bytes(b"Weights")
    elif what == "removed":
        (model / "a.bin").unlink()
    else:
        (model / "new.bin").write_bytes(b"")
    with pytest.raises(DiptychError) as caught:
        verify_model_signature(raw, model, BY_KEY)
    assert caught.value.code == "Verify.DigestMismatch"
    assert caught.value.details[what] == ["new.bin" if what == "added" else "a.bin"]


def test_links_are_refused_and_ignored_paths_are_not_content(model: Path) -> None:
    raw = sign_model(FILES, "m", KEY)
    (model / "notes").mkdir()
    (model / "notes/x").write_text("no part of it")
    found = verify_model_signature(raw, model, BY_KEY, ignored=["notes"])
    assert found.content == FILES
    signed = resealed(lambda s: s["predicate"]["serialization"].update(ignore_paths=["notes"]))
    assert verify_model_signature(signed, model, BY_KEY).content == FILES
    hidden = resealed(lambda s: s["predicate"]["serialization"].update(ignore_paths=["deep"]))
    (model / "deep/b.txt").write_bytes(b"other")
    assert refused(hidden, model) == "Verify.DigestMismatch"
    (model / "deep/b.txt").unlink()
    (model / "deep/b.txt").symlink_to("../a.bin")
    assert refused(raw, model) == "Model.BadPackage"


def test_tampered_signatures_and_wrong_keys(model: Path) -> None:
    raw = sign_model(FILES, "m", KEY)
    other = TrustedSigners(ec.generate_private_key(ec.SECP256R1()).public_key())
    assert refused(raw, model, other) == "Signing.UntrustedSigner"
    bundle = json.loads(raw)
    bundle["verificationMaterial"]["publicKey"] = {}
    assert refused(json.dumps(bundle).encode(), model, other) == "Verify.BadSignature"
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"]).replace(b'"m"', b'"n"')
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    assert refused(json.dumps(bundle).encode(), model) == "Verify.BadSignature"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: s.update(predicateType="https://slsa.dev/v1"), "Signing.Unsupported"),
        (lambda s: s.update(_type="x"), "Verify.Malformed"),
        (lambda s: s["predicate"]["resources"][0].update(name="../a.bin"), "Verify.Malformed"),
        (lambda s: s["predicate"]["resources"][0].update(name="/etc/x"), "Verify.Malformed"),
        (lambda s: s["predicate"]["resources"][0].update(name="deep/b.txt"), "Verify.Malformed"),
        (lambda s: s["predicate"]["resources"][0].update(digest="00" * 32), "Verify.Malformed"),
        (lambda s: s["predicate"]["resources"][0].update(algorithm="md5"), "Signing.Unsupported"),
        (lambda s: s["predicate"]["serialization"].update(method="tar"), "Signing.Unsupported"),
        (lambda s: s["predicate"]["resources"].pop(), "Verify.Malformed"),
        (lambda s: s["subject"].append(s["subject"][0]), "Verify.Malformed"),
    ],
)
def test_hostile_statements(model: Path, change: Any, code: str) -> None:
    assert refused(resealed(change), model) == code


def test_parts_of_files_cover_them_whole(model: Path) -> None:
    def shards(parts: list[tuple[int, int]]) -> Callable[[dict[str, Any]], None]:
        def change(statement: dict[str, Any]) -> None:
            digests = [hashlib.sha256(FILES["a.bin"][a:b]) for a, b in parts]
            statement["predicate"]["serialization"] = {"method": "shards", "hash_type": "x"}
            statement["predicate"]["resources"] = [
                {"name": f"a.bin:{a}:{b}", "algorithm": "sha256-sharded-4", "digest": d.hexdigest()}
                for (a, b), d in zip(parts, digests, strict=True)
            ]
            root = hashlib.sha256(b"".join(one.digest() for one in digests)).hexdigest()
            statement["subject"][0]["digest"]["sha256"] = root

        return change

    (model / "deep/b.txt").unlink()
    assert verify_model_signature(resealed(shards([(0, 4), (4, 7)])), model, BY_KEY).content
    assert refused(resealed(shards([(0, 4)])), model) == "Verify.DigestMismatch"
    assert refused(resealed(shards([(0, 4), (5, 7)])), model) == "Verify.Malformed"
    assert refused(resealed(shards([(0, 7), (0, 7)])), model) == "Verify.Malformed"


def test_certificates_lead_to_a_given_root(model: Path) -> None:
    root = Authority("root")
    middle = root.authority("middle")
    key, certificate = middle.signer("Ada")
    raw = sign_model(FILES, "m", key, [certificate, middle.certificate])
    trusted = TrustedSigners(roots=(root.certificate,), time_s=NOW)
    assert verify_model_signature(raw, model, trusted).signer == "CN=Ada"
    foreign = TrustedSigners(roots=(Authority("root").certificate,), time_s=NOW)
    assert refused(raw, model, foreign) == "Signing.UntrustedSigner"
    late = TrustedSigners(roots=(root.certificate,), time_s=NOW + 10**9)
    assert refused(raw, model, late) == "Signing.UntrustedSigner"
    early = TrustedSigners(roots=(root.certificate,), time_s=NOW - 10**8)
    assert refused(raw, model, early) == "Signing.UntrustedSigner"
    assert refused(raw, model) == "Signing.UntrustedSigner"
    assert refused(sign_model(FILES, "m", KEY), model, trusted) == "Signing.UntrustedSigner"


@pytest.mark.parametrize("fault", ["web", "no-usage", "issued-by-leaf", "path-length"])
def test_certificates_for_other_purposes(model: Path, fault: str) -> None:
    root = Authority("root", path_length=0 if fault == "path-length" else None)
    chain: list[Any] = []
    if fault == "issued-by-leaf":
        _, leaf = root.signer("Ada")
        issuer = Authority("Ada", certificate=leaf, key=root.signer_key)
        chain.append(leaf)
    elif fault == "path-length":
        issuer = root.authority("middle")
        chain.append(issuer.certificate)
    else:
        issuer = root
    key, certificate = issuer.signer("Eve", purpose=fault if fault in ("web", "no-usage") else "")
    raw = sign_model(FILES, "m", key, [certificate, *chain])
    trusted = TrustedSigners(roots=(root.certificate,), time_s=NOW)
    assert refused(raw, model, trusted) == "Signing.UntrustedSigner"


@given(st.binary(max_size=300))
def test_garbage_is_malformed(raw: bytes) -> None:
    for parse in (parse_sigstore_bundle, parse_signed_model):
        with pytest.raises(DiptychError):
            parse(raw)


@given(
    st.dictionaries(
        st.text("abc/é", min_size=1).filter(lambda n: n.strip("/") == n and "//" not in n),
        st.binary(max_size=9),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_signed_is_what_is_read(files: dict[str, bytes]) -> None:
    signed = parse_signed_model(parse_sigstore_bundle(sign_model(files, "é", KEY)).payload)
    assert {one.path: one.digest for one in signed.resources} == {
        name: hashlib.sha256(raw).digest() for name, raw in files.items()
    }


@pytest.mark.skipif(not SAMPLES.exists(), reason="samples are not here")
def test_upstream_samples() -> None:
    key = load_public_key((SAMPLES / "keys/certificate/signing-key-pub.pem").read_bytes())
    roots = load_certificates((SAMPLES / "keys/certificate/ca-cert.pem").read_bytes())
    seen = 0
    for folder in sorted(SAMPLES.glob("v*")):
        raw = (folder / "model.sig").read_bytes()
        kind = folder.name.partition("-")[2]
        trusted = (
            TrustedSigners(key) if kind == "elliptic-key" else TrustedSigners(None, roots, NOW)
        )
        if kind == "sigstore":
            assert refused(raw, folder, trusted) == "Signing.Keyless"
            continue
        single = b'"."' in base64.b64decode(json.loads(raw)["dsseEnvelope"]["payload"])
        path = folder / "signme-1" if single else folder
        found = verify_model_signature(raw, path, trusted, ignored=["model.sig", "ignore-me"])
        assert found.content
        wrong = TrustedSigners(KEY.public_key()) if kind == "elliptic-key" else BY_KEY
        assert refused(raw, path, wrong) in ("Verify.BadSignature", "Signing.UntrustedSigner")
        seen += 1
    assert seen >= 5
