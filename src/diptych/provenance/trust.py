"""Trust policies: write down what a verifier of one's own workspace should believe."""

import base64
import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import replace

from diptych.provenance.keys.records import key_records
from diptych.provenance.log import LogReader
from diptych_verify.policy import FORMAT, TrustedIdentity, TrustedSigner, TrustPolicy


def workspace_policy(
    log: LogReader, *, names: Mapping[str, str] | None = None, extra: TrustPolicy | None = None
) -> TrustPolicy:
    """Return the policy that a workspace hands to those who check its bundles.

    It names the log's key, every statement key that the log ever added (each is judged at its
    index by the bundle's key records), and the newest checkpoint, against which rollback and split
    view show.

    Args:
        log: the workspace's log.
        names: key id to the name shown for it.
        extra: further categories: anchors, blocks, witnesses, authorities, requirements. Its logs,
            signers and checkpoints are kept beside those of the log.
    """
    extra = extra or TrustPolicy()
    shown = names or {}
    added = [one.claim.keyid for one in key_records(log) if one.claim.action != "revoke"]
    signers = [TrustedSigner(keyid, shown.get(keyid, "")) for keyid in dict.fromkeys(added)]
    known = {one.keyid for one in extra.signers}
    head = [log.head()] if log.size else []
    return replace(
        extra,
        logs=tuple(dict.fromkeys([log.key, *extra.logs])),
        signers=(*extra.signers, *(one for one in signers if one.keyid not in known)),
        checkpoints=tuple(dict.fromkeys([*head, *extra.checkpoints])),
    )


def dump_policy(policy: TrustPolicy) -> bytes:
    """Return a policy as TOML; `TrustPolicy.parse` reads it back unchanged."""
    lines = [f"format = {_text(FORMAT)}"]
    if policy.logs:
        lines.append(f"logs = {_array(str(key) for key in policy.logs)}")
    if policy.require:
        lines.append(f"require = {_array(policy.require)}")
    for name, rows in _tables(policy):
        for row in rows:
            lines.append(f"\n[[{name}]]")
            lines.extend(
                f"{key} = {value if isinstance(value, int) else _text(value)}"
                for key, value in row.items()
                if value != ""
            )
    return ("\n".join(lines) + "\n").encode()


def _tables(policy: TrustPolicy) -> Iterable[tuple[str, list[dict[str, str | int]]]]:
    yield "signers", [{"keyid": one.keyid, "name": one.name} for one in policy.signers]
    yield (
        "anchors",
        [
            {
                "chain_id": one.chain_id,
                "contract": f"0x{one.contract.hex()}",
                "log_id": f"0x{one.log_id.hex()}",
            }
            for one in policy.anchors
        ],
    )
    yield (
        "blocks",
        [{"chain_id": one.chain_id, "hash": f"0x{one.block_hash.hex()}"} for one in policy.blocks],
    )
    yield "witnesses", [{"key": str(one)} for one in policy.witnesses]
    yield (
        "checkpoints",
        [
            {"origin": one.origin, "size": one.size, "root": base64.b64encode(one.root).decode()}
            for one in policy.checkpoints
        ],
    )
    yield (
        "timestamp_authorities",
        [{"certificate": one} for one in policy.timestamp_authorities],
    )
    yield "identities", [_identity(one) for one in policy.identities]
    yield "identity_roots", [{"certificate": one} for one in policy.identity_roots]
    yield "identity_crls", [{"crl": _pem_crl(one)} for one in policy.identity_crls]
    yield (
        "identity_status_lists",
        [{"credential": one.decode()} for one in policy.identity_status_lists],
    )


def _pem_crl(der: bytes) -> str:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN X509 CRL-----\n{lines}\n-----END X509 CRL-----\n"


def _identity(one: TrustedIdentity) -> dict[str, str | int]:
    digest = one.document_sha256.hex() if one.document_sha256 is not None else ""
    return {"did": one.did, "document_sha256": digest, "key": one.key, "name": one.name}


def _array(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_text(text) for text in texts) + "]"


def _text(text: str) -> str:
    # A JSON string is a TOML basic string, except that TOML also wants DEL escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
