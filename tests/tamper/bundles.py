"""Attacks on a bundle: every field changed or swapped, statements altered, keys replaced."""

import base64
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.golden.leaves import leaves, mutated, replaced
from tests.golden.make import Case as Golden
from tests.golden.world import log_signer, seed
from tests.tamper.scene import Attack, Scene, read

from diptych.core.canonical import canonical_json
from diptych.provenance.keys.signer import Ed25519Signer, Signer
from diptych.provenance.statement import pae
from diptych_verify.note import Checkpoint, note_signature_line, parse_note

MALLORY = Ed25519Signer(seed("mallory"))


def bundle_attacks(scene: Scene) -> Iterator[Attack]:
    """Yield every attack that starts from a published bundle."""
    for golden in scene.published:
        document = json.loads(golden.bundle)
        others = [json.loads(one.bundle) for one in (*scene.published, *scene.forged)]
        for kind, name, changed in (
            *_field_changes(document),
            *_field_swaps(document, others),
            *_reorderings(document),
            *_statement_changes(document),
            *_key_swaps(document),
        ):
            if changed != document:
                check = functools.partial(_check, golden, scene, canonical_json(changed))
                yield Attack(kind, f"{golden.name}: {name}", check)


def _check(golden: Golden, scene: Scene, bundle: bytes, scratch: Path) -> object:
    del scratch
    return read(golden, scene, bundle=bundle)


Change = tuple[str, str, Any]


def _field_changes(document: Any) -> Iterator[Change]:
    for path, value in leaves(document):
        yield "field change", f"{_shown(path)} changed", replaced(document, path, mutated(value))
    needed = {"format", "log", "checkpoint", "records"}
    if document["checkpoint"].count("\n— ") == 1:
        # Less evidence is no forgery, except for the only evidence of a time the policy requires.
        needed |= {"anchor", "timestamps"}
    for part in sorted(needed & document.keys()):
        rest = {key: value for key, value in document.items() if key != part}
        yield "field change", f"{part} removed", rest
    yield "field change", "unknown field", document | {"note": "trust me"}


def _field_swaps(document: Any, others: list[Any]) -> Iterator[Change]:
    seen: set[str] = set()
    for other in others:
        values = dict(leaves(other))
        for path, value in leaves(document):
            new = values.get(path, value)
            mark = f"{path}{new!r}"
            if new != value and type(new) is type(value) and mark not in seen:
                seen.add(mark)
                yield "field swap", f"{_shown(path)} from another", replaced(document, path, new)
        for part in sorted(document.keys() & other.keys()):
            mark = f"{part}{other[part]!r}"
            # Older heads are as good from elsewhere, and other records under the same checkpoint
            # make the true bundle of another record, not a false one of this.
            genuine = part == "consistency" or (
                part == "records" and other["checkpoint"] == document["checkpoint"]
            )
            if not genuine and mark not in seen:
                seen.add(mark)
                yield "field swap", f"{part} from another", document | {part: other[part]}


def _reorderings(document: Any) -> Iterator[Change]:
    records = document["records"]
    for position in range(1, len(records)):
        order = [records[position], *records[:position], *records[position + 1 :]]
        yield "reorder", f"record {position} first", document | {"records": order}
    for position, record in enumerate(records):
        hashes = base64.b64decode(record["proof"])
        proof = _b64(b"".join(hashes[at : at + 32] for at in range(len(hashes) - 32, -1, -32)))
        changed = replaced(document, ("records", position, "proof"), proof)
        yield "reorder", f"proof of record {position}", changed
    for one in range(len(records) - 1):
        changed = replaced(document, ("records", one, "index"), records[one + 1]["index"])
        changed["records"][one + 1]["index"] = records[one]["index"]
        yield "reorder", f"indexes {one} and {one + 1} exchanged", changed


def _statement_changes(document: Any) -> Iterator[Change]:
    for position, record in enumerate(document["records"]):
        envelope = json.loads(record["envelope"])
        statement = json.loads(base64.b64decode(envelope["payload"]))
        for path, value in leaves(statement):
            altered = canonical_json(replaced(statement, path, mutated(value)))
            name = f"record {position} {_shown(path)}"
            kept = envelope | {"payload": _b64(altered)}
            yield "metadata", f"{name}, old signature", _with(document, position, kept)
            if position == 0:
                signed = _sealed(altered, MALLORY)
                yield "metadata", f"{name}, signed anew", _with(document, position, signed)


def _key_swaps(document: Any) -> Iterator[Change]:
    for position, record in enumerate(document["records"]):
        envelope = json.loads(record["envelope"])
        payload = base64.b64decode(envelope["payload"])
        swapped = _sealed(payload, MALLORY)
        yield "key swap", f"signer of record {position}", _with(document, position, swapped)
        claimed = _sealed(payload, MALLORY, keyid=envelope["signatures"][0]["keyid"])
        yield "key swap", f"signature of record {position}", _with(document, position, claimed)
        both = envelope | {"signatures": [*envelope["signatures"], *swapped["signatures"]]}
        yield "key swap", f"second signer of record {position}", _with(document, position, both)
    body = parse_note(document["checkpoint"]).body
    thief = log_signer("mallory ")
    for key in (thief.key, None):
        own = key or parse_note(document["checkpoint"]).signatures[0]
        line = note_signature_line(own.name, own.key_hash, thief.sign(body.encode()))
        note = document | {"checkpoint": f"{body}\n{line}"}
        name = "log key" if key else "log signature"
        yield "key swap", name, note | {"log": str(key)} if key else note
    larger = Checkpoint.parse(body)
    forged = Checkpoint(larger.origin, larger.size + 1, larger.root).body()
    line = note_signature_line(thief.key.name, thief.key.key_hash, thief.sign(forged.encode()))
    changed = document | {"checkpoint": f"{forged}\n{line}", "log": str(thief.key)}
    yield "key swap", "log key and size", changed


def _sealed(payload: bytes, signer: Signer, *, keyid: str = "") -> Any:
    (signature,) = signer.sign([pae(payload)])
    return {
        "payload": _b64(payload),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": keyid or signer.keyid, "sig": _b64(signature)}],
    }


def _with(document: Any, position: int, envelope: Any) -> Any:
    return replaced(document, ("records", position, "envelope"), canonical_json(envelope).decode())


def _b64(payload: bytes) -> str:
    return base64.b64encode(payload).decode()


def _shown(path: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in path)
