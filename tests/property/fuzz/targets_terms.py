"""Readers of licences and of usage proofs."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.golden.test_golden_use import FOLDER
from tests.property.fuzz.engine import Target

from diptych.models.usage import UsageRecord, UsageStore, dump_usage_proof
from diptych.provenance.licence import Request, dump_licence, may
from diptych.provenance.licence.presets import PRESETS
from diptych_verify.jsonio import strict_json
from diptych_verify.licence import MAX_LICENCE_BYTES, parse_licence, read_licence
from diptych_verify.licence_text import terms_lines, use_sentence
from diptych_verify.usage import verify_usage_total
from diptych_verify.usage_proof import MAX_PROOF_BYTES, parse_usage_proof
from diptych_verify.verify import verify_bundle

_ASKED = Request("hmac:" + "0" * 40, "use", 1_800_000_000, "research", "CH", 1)


def terms_targets() -> list[Target]:
    """Return the targets of this module."""
    licences = [dump_licence(one) for one in PRESETS.values()]
    bundles = [path.read_bytes() for path in sorted(FOLDER.glob("*.diptych.json"))]
    proofs, read = _usage()
    return [
        Target("licence", _read_licence, licences, "json", 30, MAX_LICENCE_BYTES),
        Target("parse_licence", parse_licence, licences, "json", 10, MAX_LICENCE_BYTES),
        Target("licensed_bundle", verify_bundle, bundles, "json", 10),
        Target("usage_proof", read, proofs, "json", 30, MAX_PROOF_BYTES),
    ]


def _read_licence(raw: bytes) -> object:
    """Read a licence, canonical or not, say it in words, ask it, and write it again."""
    value = strict_json(raw, max_bytes=MAX_LICENCE_BYTES, max_depth=8)
    licence = read_licence(value)
    use_sentence(licence)
    list(terms_lines(licence))
    may(licence, _ASKED)
    return parse_licence(dump_licence(licence))


def _usage() -> tuple[list[bytes], Callable[[bytes], object]]:
    with tempfile.TemporaryDirectory() as folder, UsageStore(Path(folder) / "u.sqlite") as store:
        names = [f"hmac:{number:040x}" for number in range(9)]
        store.append([UsageRecord(one, "ab" * 32, "execute", 1, 2) for one in names[:8]])
        root = store.make_root()
        assert root is not None
        proofs = [dump_usage_proof(store.proof(one)) for one in names]

    def read(raw: bytes) -> object:
        proof = parse_usage_proof(raw)
        return verify_usage_total(proof, root=root.root, count=root.count, units=root.units)

    return proofs, read
