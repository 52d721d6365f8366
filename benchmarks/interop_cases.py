"""Samples of other people's formats with damaged twins, each with the verdict that is right."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.unit.interop.authorities import NOW, Authority

from diptych.models.interop.signing import sign_model
from harness import HERE

TRUST = HERE.parent.parent / "shared" / "data" / "trust"
SIGNED = TRUST / "oms-signatures"
CURVES = (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())


@dataclass(frozen=True)
class Case:
    """A sample: where it stands, by whom it may be vouched, whether it is to be accepted."""

    name: str
    place: Path
    right: bool
    key: Path | None = None
    roots: Path | None = None
    signature: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the peer's process reads."""
        return {key: None if value is None else str(value) for key, value in vars(self).items()}


def signature_cases(work: Path) -> Iterator[Case]:
    """Yield upstream samples, their damaged twins, and signatures that we make."""
    pem = SIGNED / "keys" / "certificate"
    key, roots = pem / "signing-key-pub.pem", pem / "ca-cert.pem"
    foreign = work / "foreign.pem"
    foreign.write_bytes(_public(ec.generate_private_key(ec.SECP384R1())))
    for sample in sorted(SIGNED.glob("v*")):
        kind = sample.name.partition("-")[2]
        trust = {"key": key} if kind == "elliptic-key" else {"roots": roots}
        good = kind != "sigstore"  # without the trust roots of Fulcio and Rekor: to be refused
        for twin, damage in (("", None), *_DAMAGES.items()):
            name = f"{sample.name} {twin}".strip()
            folder = work / name.replace(" ", "-") / "model"
            shutil.copytree(sample, folder)
            signature = folder.parent / "model.sig"
            (folder / "model.sig").replace(signature)
            (folder / "ignore-me").unlink(missing_ok=True)
            raw = json.loads(signature.read_bytes())
            single = b'"."' in base64.b64decode(raw["dsseEnvelope"]["payload"])
            if single and twin in ("added", "removed"):
                continue
            if damage is not None:
                damage(folder, signature)
            place = folder / "signme-1" if single else folder
            yield Case(name, place, good and damage is None, signature=signature, **trust)
        if kind == "elliptic-key":
            yield Case(f"{sample.name} by another key", place, False, foreign, None, signature)
    yield from _made(work)


def _made(work: Path) -> Iterator[Case]:
    """Yield signatures that we make: they must be accepted by both, or refused by both."""
    files = {"a.bin": b"weights", "deep/b.txt": b"labels"}
    model = work / "made" / "model"
    for name, raw in files.items():
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(raw)
    for curve in CURVES:
        key = ec.generate_private_key(curve)
        place = work / "made" / curve.name
        place.with_suffix(".pem").write_bytes(_public(key))
        place.with_suffix(".sig").write_bytes(sign_model(files, "m", key))
        named = (place.with_suffix(".pem"), None, place.with_suffix(".sig"))
        yield Case(f"ours by {curve.name}", model, True, *named)
    root = Authority("root")
    middle = root.authority("middle")
    for name, right, purpose in (("code", True, "code"), ("web", False, "web")):
        signer, certificate = middle.signer("Ada", purpose=purpose)
        signature = work / "made" / f"{name}.sig"
        chain = [certificate, middle.certificate]
        signature.write_bytes(sign_model(files, "m", signer, chain))
        pem = work / "made" / f"{name}-root.pem"
        pem.write_bytes(root.certificate.public_bytes(Encoding.PEM))
        yield Case(f"ours by certificate for {name}", model, right, None, pem, signature)
        other = work / "made" / f"{name}-other.pem"
        other.write_bytes(Authority("root").certificate.public_bytes(Encoding.PEM))
        yield Case(f"ours under a foreign root, {name}", model, False, None, other, signature)


def _public(key: Any) -> bytes:
    made: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return made


def private_pem(key: Any) -> bytes:
    """Return a private key as the peer reads it."""
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made


def _tamper_payload(folder: Path, signature: Path) -> None:
    value = json.loads(signature.read_bytes())
    payload = base64.b64decode(value["dsseEnvelope"]["payload"])
    changed = payload.replace(b"signme-1", b"signme-3")
    value["dsseEnvelope"]["payload"] = base64.b64encode(changed).decode()
    signature.write_text(json.dumps(value))
    if (folder / "signme-1").exists():
        (folder / "signme-1").rename(folder / "signme-3")
        (folder / "signme-1").write_bytes((folder / "signme-3").read_bytes())


_DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "changed": lambda folder, _: (folder / "signme-1").write_bytes(b"other"),
    "removed": lambda folder, _: (folder / "signme-2").unlink(),
    "added": lambda folder, _: (folder / "signme-9").write_bytes(b"new"),
    "statement": _tamper_payload,
    "cut": lambda _, signature: signature.write_bytes(signature.read_bytes()[:-9]),
}


def croissant_cases(work: Path) -> Iterator[Case]:
    """Yield upstream descriptions and their damaged twins."""
    for sample in sorted(path for path in (TRUST / "croissant").iterdir() if path.is_dir()):
        for twin, damage in (("", None), ("with RAI", _responsible), *_BREAKS.items()):
            name = f"{sample.name} {twin}".strip()
            folder = work / name.replace(" ", "-")
            shutil.copytree(sample, folder)
            file = folder / "metadata.json"
            value = json.loads(file.read_bytes())
            if damage is not None and damage(folder, value) is False:
                continue  # there is nothing in this sample that could be damaged so
            file.write_text(json.dumps(value))
            yield Case(name, file, damage in (None, _responsible))


def _responsible(_: Path, value: dict[str, Any]) -> bool:
    """State responsible-AI fields, which change nothing about whether it is right."""
    if not isinstance(value["@context"], dict):
        return False
    value["@context"]["rai"] = "http://mlcommons.org/croissant/RAI/"
    value["rai:dataBiases"] = ["one hospital"]
    value["rai:dataCollection"] = "by hand"
    return True


def _local(value: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in value["distribution"] if one.get("contentUrl", "").startswith("data/")]


def _changed(folder: Path, value: dict[str, Any]) -> bool:
    for one in _local(value):
        path = folder / one["contentUrl"]
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + b"\n")
    return bool(_local(value))


def _gone(folder: Path, value: dict[str, Any]) -> bool:
    for one in _local(value):
        (folder / one["contentUrl"]).unlink()
    return bool(_local(value))


def _outside(folder: Path, value: dict[str, Any]) -> bool:
    for one in _local(value):
        source = folder / one["contentUrl"]
        target = folder.parent / f"{folder.name}-{source.name}"
        if source.exists():
            shutil.move(source, target)
        one["contentUrl"] = f"../{target.name}"
    return bool(_local(value)) or any(
        "../" in one.get("contentUrl", "") for one in value["distribution"]
    )


def _dangling(_: Path, value: dict[str, Any]) -> bool:
    for each in value["recordSet"]:
        for one in each.get("field", []):
            for key in ("fileObject", "fileSet"):
                if key in one.get("source", {}):
                    one["source"][key]["@id"] = "nowhere"
    return True


def _without(key: str) -> Callable[[Path, dict[str, Any]], bool]:
    def damage(_: Path, value: dict[str, Any]) -> bool:
        found = [one for one in value["distribution"] if key in one]
        for one in found:
            del one[key]
        return bool(found)

    return damage


_BREAKS: dict[str, Callable[[Path, dict[str, Any]], object]] = {
    "changed file": _changed,
    "missing file": _gone,
    "file outside": _outside,
    "dangling source": _dangling,
    "no name": lambda _, value: value.pop("name"),
    "no url": _without("contentUrl"),
    "no patterns": _without("includes"),
    "unknown version": lambda _, value: value.update(conformsTo="http://mlcommons.org/croissant/9"),
    "no dataset": lambda _, value: value.update({"@type": "sc:Person"}),
}

__all__ = ["NOW", "Case", "croissant_cases", "private_pem", "signature_cases"]
