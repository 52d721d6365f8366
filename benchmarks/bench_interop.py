"""Other people's formats: samples and their damaged twins, accepted or refused rightly.

Each sample of data/trust stands beside twins with one damage each; what is right is known of every
one. The peers judge the very same files in the same run. Croissant, OpenSSF model signing (both
ways), CDISC Dataset-JSON, CycloneDX.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness import HERE, Row, arguments, peer_python, report, row, run_child

sys.path.insert(0, str(HERE.parent))
from diptych.core.errors import DiptychError
from diptych.data.interop.croissant_files import copy_local
from diptych.data.interop.croissant_read import read_croissant
from diptych.data.tables import open_table
from diptych.models.card import Card, Contributor, Metric, Port, Source
from diptych.models.interop.cyclonedx import Listed, ModelFile, dump_cyclonedx
from diptych.models.interop.signing import TrustedSigners, verify_model_signature
from diptych.models.interop.signing_certificates import load_certificates
from diptych.models.interop.signing_keys import load_public_key
from interop_cases import NOW, TRUST, Case, croissant_cases, private_pem, signature_cases

PEERS = {
    "model-signing": ("model-signing==1.1.1", "pyopenssl"),
    "mlcroissant": ("mlcroissant==1.1.1",),
}
Judge = Callable[[Case], None]


def our_signature(case: Case) -> None:
    """Verify one signed model or raise."""
    assert case.signature is not None
    if case.key is not None:
        trusted = TrustedSigners(load_public_key(case.key.read_bytes()))
    else:
        assert case.roots is not None
        roots = load_certificates(case.roots.read_bytes())
        trusted = TrustedSigners(roots=roots, time_s=NOW)
    verify_model_signature(case.signature.read_bytes(), case.place, trusted)


def our_croissant(case: Case) -> None:
    """Read one description and its local files or raise."""
    copy_local(read_croissant(case.place.read_bytes()), case.place.parent, None)


def our_table(case: Case) -> None:
    """Read one table to its end or raise."""
    with open_table(case.place) as table:
        for _ in table.rows:
            pass


def verdicts(cases: Sequence[Case], judge: Judge) -> dict[str, str]:
    """Return for each case an empty text, or the code of the refusal."""
    found = {}
    for case in cases:
        try:
            judge(case)
            found[case.name] = ""
        except DiptychError as error:
            found[case.name] = error.code
    return found


def peer_verdicts(peer: str, cases: Sequence[Case], work: Path) -> dict[str, str]:
    """Let a peer judge the same files."""
    listed, answer = work / f"{peer}.json", work / f"{peer}-answer.json"
    listed.write_text(json.dumps([case.to_json() for case in cases]))
    python = peer_python(peer, *PEERS[peer])
    script = str(HERE / "interop_peer.py")
    run_child([str(python), script, peer, str(listed), str(answer)], cwd=work)
    found: dict[str, str] = json.loads(answer.read_bytes())
    return found


def rows_of(
    what: str, cases: Sequence[Case], judge: Judge, peer: tuple[str, Path] | None
) -> Iterator[Row]:
    """Judge ours, then show the peer's share beside it."""
    ours = verdicts(cases, judge)
    wrong = [case.name for case in cases if (not ours[case.name]) != case.right]
    share = 100 * (1 - len(wrong) / len(cases))
    good = sum(case.right for case in cases)
    more = {"samples": len(cases), "to_accept": good, "wrong": wrong}
    yield row(f"{what}: accepted or refused rightly", share, "%", at_least=100, more=more)
    if peer is None:
        return
    theirs = peer_verdicts(peer[0], cases, peer[1])
    other = [case.name for case in cases if (not theirs[case.name]) != case.right]
    yield row(
        f"{what}: the same, beside the peer",
        share,
        "%",
        peer=100 * (1 - len(other) / len(cases)) or None,
        peer_name=peer[0],
        at_least=1,
        more={"peer_wrong": {name: theirs[name] or "accepted" for name in other}},
    )


def theirs_to_us(work: Path) -> Row:
    """Let the peer sign with each curve, in files and in shards, and verify with ours."""
    from cryptography.hazmat.primitives.asymmetric import ec

    folder = work / "theirs"
    model = folder / "model"
    (model / "deep").mkdir(parents=True)
    (model / "a.bin").write_bytes(b"weights" * 1000)
    (model / "deep" / "b.txt").write_bytes(b"labels")
    cases = []
    for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()):
        key = ec.generate_private_key(curve)
        secret = folder / f"{curve.name}.key"
        secret.write_bytes(private_pem(key))
        for shards in (False, True):
            signature = folder / f"{curve.name}-{shards}.sig"
            config = ".use_shard_serialization(shard_size=1000)" if shards else ""
            code = (
                "from model_signing import hashing, signing; signing.Config()"
                f".use_elliptic_key_signer(private_key={str(secret)!r})"
                f".set_hashing_config(hashing.Config(){config})"
                f".sign({str(model)!r}, {str(signature)!r})"
            )
            run_child([str(peer_python("model-signing", *PEERS["model-signing"])), "-c", code])
            cases.append((key, signature))
    accepted = 0
    for key, signature in cases:
        trusted = TrustedSigners(key.public_key())
        accepted += bool(verify_model_signature(signature.read_bytes(), model, trusted).content)
    return row(
        "model-signing: the peer's signatures that we accept",
        100 * accepted / len(cases),
        "%",
        at_least=100,
        more={"signatures": len(cases)},
    )


def bill_of_materials(work: Path) -> Row:
    """Let CycloneDX's own library judge a bill of materials with everything a card can hold."""
    card = Card(
        *("tiny", 2, "onnx", ("m.onnx",), "ab" * 32),
        task="regression",
        licence="MIT",
        limits=("few rows",),
        summary="small",
        data=(Source("d", "train", "cd" * 32), Source("b", "base")),
        metrics=(Metric("auc", 0.9, 0.8, 0.95, 0.95, data="d"),),
        inputs=(Port("X", "float32", (None, 4)),),
        contributors=(Contributor("Ada", "trainer", "1"),),
    )
    file = ModelFile("m.onnx", 9, (("SHA-256", "ef" * 32),))
    place = work / "bom.json"
    listed = Listed("12" * 32, "diptych.log/x", "2026-11-23T09:00:00Z", (file,))
    place.write_bytes(dump_cyclonedx(card, listed))
    code = (
        "import sys; from cyclonedx.schema import SchemaVersion; "
        "from cyclonedx.validation.json import JsonStrictValidator as V; "
        "print(V(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))"
    )
    python = peer_python("cyclonedx", "cyclonedx-python-lib[json-validation]==11.12.0")
    said = run_child([str(python), "-c", code, str(place)]).output.strip()
    share = 100.0 if said == "None" else 0.0
    more = {"said": said[:300]}
    return row(
        "CycloneDX 1.6: strictly valid by its own library", share, "%", at_least=100, more=more
    )


def table_cases(work: Path) -> Iterator[Case]:
    """Yield Dataset-JSON samples and damaged twins."""
    for sample in sorted((TRUST / "clinical").glob("*json")):
        raw = sample.read_bytes()
        for twin, right, changed in (
            ("", True, raw),
            ("cut", False, raw[: len(raw) // 2]),
            ("wrong count", False, raw.replace(b'"records"', b'"recordz"', 1)),
            ("no columns", False, raw.replace(b'"columns"', b'"columnz"', 1)),
            ("wrong version", False, raw.replace(b'"datasetJSONVersion"', b'"x"', 1)),
        ):
            place = work / f"{sample.stem}-{twin.replace(' ', '-')}{sample.suffix}"
            place.write_bytes(changed)
            yield Case(f"{sample.name} {twin}".strip(), place, right)


def main() -> int:
    """Run everything; return the exit code."""
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory(prefix="diptych-bench-") as scratch:
        work = Path(scratch)
        for name in ("signed", "croissant", "tables"):
            (work / name).mkdir()
        signed = list(signature_cases(work / "signed"))
        described = list(croissant_cases(work / "croissant"))
        rows = [
            *rows_of("model-signing", signed, our_signature, ("model-signing", work)),
            theirs_to_us(work),
            *rows_of("Croissant", described, our_croissant, ("mlcroissant", work)),
            bill_of_materials(work),
            *rows_of("Dataset-JSON", list(table_cases(work / "tables")), our_table, None),
        ]
    return report("interop", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
