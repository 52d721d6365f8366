"""Who signed: signatures judged at their index, keys traced to those the policy lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diptych_verify.errors import JsonValue, UntrustedKey
from diptych_verify.evidence import PROVEN, SELF_ASSERTED, Answer
from diptych_verify.keys import KeyHistory, KeyRecord, judge_keys
from diptych_verify.log_view import LoggedRecord, LogView
from diptych_verify.policy import TrustPolicy

if TYPE_CHECKING:
    from diptych_verify.identity.judge import Identity


@dataclass(frozen=True)
class SignerView:
    """Signers of the subject; `trusted` if the policy lists signers and covers these."""

    keyids: tuple[str, ...]
    names: tuple[str, ...]
    trusted: bool
    ends: tuple[int, ...]


def verify_signers(log: LogView, policy: TrustPolicy) -> SignerView:
    """Judge every signature of the bundle at its index.

    Raises:
        UntrustedKey: a key was not valid at the index where it signed, or the policy lists
            signers and nothing leads from them to this key.
    """
    listed = {signer.keyid: signer.name for signer in policy.signers}
    key_records = [
        KeyRecord(record.index, record.statement.key, record.signers)
        for record in log.records
        if record.statement.key is not None
    ]
    history = judge_keys(key_records, listed=listed.keys())
    # Key records do not name their log: only in a log that the policy lists can nobody replay
    # an old introduction without the revocation that followed it.
    trusted = history.trusted if log.listed else set(listed)
    for position, record in enumerate(log.records):
        if position == 0 or record.statement.key is None:
            _require_signers(record, history, trusted if listed else None)
    keyids = log.subject.signers
    return SignerView(
        keyids=keyids,
        names=tuple(listed.get(keyid, "") for keyid in keyids),
        trusted=bool(listed),
        ends=tuple(end for keyid in keyids if (end := history.end_of(keyid)) is not None),
    )


def _require_signers(record: LoggedRecord, history: KeyHistory, trusted: set[str] | None) -> None:
    for keyid in record.signers:
        if trusted is not None and keyid not in trusted:
            raise UntrustedKey(
                f"the record at index {record.index} is signed by {keyid}, "
                "which the policy does not list and no trusted key introduced",
                hint="check with the signer, then add the key to the policy",
                keyid=keyid,
                index=record.index,
            )
        history.require(keyid, record.index)


def answer_who(signers: SignerView, log: LogView, identities: "Sequence[Identity]" = ()) -> Answer:
    """Return the answer to `who`; that a key was not revoked rests on the log's word.

    Args:
        signers: the subject's signers, judged.
        log: the verified log view.
        identities: of these keys, best first.
    """
    named = [
        _named(keyid, name, next((one for one in identities if one.keyid == keyid), None))
        for keyid, name in zip(signers.keyids, signers.names, strict=True)
    ]
    size = log.checkpoint.size
    if signers.ends:
        fate = f"the key ended later, at index {min(signers.ends)}"
    else:
        fate = f"not revoked as of log size {size}, on the log's word"
    trusted = signers.trusted or is_proven(signers, identities)
    basis = "" if trusted else "; the policy lists no signers"
    evidence: dict[str, JsonValue] = {
        "keyids": list(signers.keyids),
        "names": list(signers.names),
        "log_size": size,
        "ended_at": list(signers.ends),
    }
    if identities:
        evidence["identities"] = [one.to_json() for one in identities]
    text = f"signed by {' and '.join(named)}; {fate}{basis}"
    return Answer("who", PROVEN if trusted else SELF_ASSERTED, text, evidence)


def is_proven(signers: SignerView, identities: "Sequence[Identity]") -> bool:
    """Tell whether the policy vouches for an identity of every signer."""
    proven = {one.keyid for one in identities if one.state == PROVEN}
    return bool(signers.keyids) and proven.issuperset(signers.keyids)


def _named(keyid: str, name: str, identity: "Identity | None") -> str:
    shown = f"{name} ({_short(keyid)})" if name else _short(keyid)
    if identity is None:
        return shown
    from diptych_verify.identity.judge import sentence

    return f"{shown}, which {sentence(identity)}"


def _short(keyid: str) -> str:
    scheme, _, key = keyid.partition(":")
    return f"{scheme}:{key[:16]}…"
