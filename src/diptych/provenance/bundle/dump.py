"""Writing bundles: the inverse of `diptych_verify.bundle.parse_bundle`."""

import base64
from collections.abc import Iterable

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych.provenance.bundle.errors import BadBundleRequest
from diptych_verify.bundle import (
    FORMAT,
    MAX_BUNDLE_BYTES,
    AnchorProof,
    Bundle,
    BundleRecord,
    DisclosedField,
    OlderHead,
    ShownTensor,
)


def dump_bundle(bundle: Bundle) -> bytes:
    """Return the canonical JSON of a bundle, one line.

    Raises:
        BadBundleRequest: the file would be above 32 MiB, or an envelope is not UTF-8.
        NotCanonical: a disclosed value has no canonical form.
    """
    document: dict[str, JsonValue] = {
        "format": FORMAT,
        "log": str(bundle.log),
        "checkpoint": str(bundle.checkpoint),
        "records": [_record(record) for record in bundle.records],
    }
    if bundle.anchor is not None:
        document["anchor"] = _anchor(bundle.anchor)
    if bundle.manifest is not None:
        document["manifest"] = _b64(bundle.manifest)
    lists: dict[str, list[JsonValue]] = {
        "consistency": [_head(head) for head in bundle.consistency],
        "timestamps": _texts(bundle.timestamps),
        "disclosed": [_field(field) for field in bundle.disclosed],
        "tensors": [_tensor(tensor) for tensor in bundle.tensors],
        "licences": _texts(bundle.licences),
        "identities": _texts(bundle.identities),
    }
    document.update({name: parts for name, parts in lists.items() if parts})
    raw = canonical_json(document)
    if len(raw) > MAX_BUNDLE_BYTES:
        raise BadBundleRequest(
            f"got a bundle of {len(raw)} bytes, expected at most {MAX_BUNDLE_BYTES}",
            hint="leave the manifest out, or bundle without lineage",
        )
    return raw


def _record(record: BundleRecord) -> dict[str, JsonValue]:
    try:
        envelope = record.envelope.decode()
    except UnicodeDecodeError:
        raise BadBundleRequest(f"entry {record.index} is not UTF-8, expected an envelope") from None
    return {"index": record.index, "envelope": envelope, "proof": _b64(b"".join(record.proof))}


def _head(head: OlderHead) -> dict[str, JsonValue]:
    return {"size": head.size, "root": _b64(head.root), "proof": _b64(b"".join(head.proof))}


def _anchor(anchor: AnchorProof) -> dict[str, JsonValue]:
    return {
        "chain_id": anchor.chain_id,
        "contract": f"0x{anchor.contract.hex()}",
        "log_id": f"0x{anchor.log_id.hex()}",
        "header": _b64(anchor.header),
        "receipt": {
            "index": anchor.index,
            "log_index": anchor.log_index,
            "proof": _texts(anchor.proof),
        },
    }


def _field(field: DisclosedField) -> dict[str, JsonValue]:
    return {
        "name": field.name,
        "value": field.value,
        "salt": _b64(field.salt),
        "index": field.index,
        "leaves": field.leaves,
        "proof": _b64(b"".join(field.proof)),
    }


def _tensor(tensor: ShownTensor) -> dict[str, JsonValue]:
    leaf = tensor.leaf
    return {
        "name": leaf.name,
        "dtype": leaf.dtype,
        "shape": list(leaf.shape),
        "sha256": leaf.sha256.hex(),
        "index": tensor.index,
        "proof": _b64(b"".join(tensor.proof)),
    }


def _texts(parts: Iterable[bytes]) -> list[JsonValue]:
    return [_b64(part) for part in parts]


def _b64(payload: bytes) -> str:
    return base64.b64encode(payload).decode()
