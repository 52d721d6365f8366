"""Which use is allowed: licence records in the bundle, and the documents that they name."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diptych_verify.errors import DigestMismatch, JsonValue, MalformedError
from diptych_verify.evidence import NOT_SHOWN, PROVEN, SELF_ASSERTED, Answer
from diptych_verify.jsonio import ObjectReader
from diptych_verify.licence import Licence, parse_licence
from diptych_verify.licence_text import use_sentence
from diptych_verify.lineage import LICENCE, licenses
from diptych_verify.log_view import LoggedRecord, LogView

GRANT = "grant"


@dataclass(frozen=True)
class LicenceClaim:
    """What a `licence` record says.

    Attributes:
        digest: SHA-256 of the document.
        spdx: its SPDX id.
        licensor: the signer gives this licence; else it is the one under which it was received.
    """

    digest: bytes
    spdx: str
    licensor: bool = False


@dataclass(frozen=True)
class GrantClaim:
    """What a `grant` record says.

    Attributes:
        licensee: key id or pseudonym.
        until: end of the grant (RFC 3339, UTC), empty for none.
        actions: what it covers, empty for all that the licence permits.
        later: it covers later versions of the asset too.
    """

    licensee: str
    until: str
    actions: tuple[str, ...]
    later: bool = False


def licence_claim(predicate: Mapping[str, JsonValue]) -> LicenceClaim:
    """Read the predicate of a `licence` statement.

    Raises:
        MalformedError: fields are missing or of wrong types.
    """
    inner = ObjectReader(dict(predicate), "licence record").object(LICENCE)
    licensor = inner.raw("licensor") if inner.has("licensor") else False
    if not isinstance(licensor, bool):
        raise inner.wrong("licensor", "true or false")
    spdx = inner.text("spdx", max_characters=64)
    claim = LicenceClaim(inner.hex_bytes("digest", size=32), spdx, licensor)
    inner.done()
    return claim


def grant_claim(predicate: Mapping[str, JsonValue]) -> GrantClaim:
    """Read the predicate of a `grant` statement.

    Raises:
        MalformedError: fields are missing or of wrong types.
    """
    inner = ObjectReader(dict(predicate), "grant record").object(GRANT)
    claim = GrantClaim(
        inner.text("licensee", max_characters=160),
        inner.text("until", max_characters=20) if inner.has("until") else "",
        inner.texts("actions", maximum=16) if inner.has("actions") else (),
        inner.raw("later") is True if inner.has("later") else False,
    )
    inner.done()
    return claim


def answer_use(documents: Sequence[bytes], log: LogView, *, vouched: bool) -> Answer:
    """Return the answer to `use`.

    Args:
        documents: licence documents that came with the bundle.
        log: the verified log view.
        vouched: True if the policy covers the log, the signer or the anchor.

    Raises:
        DigestMismatch: a document is not one that a licence record of the bundle names.
        MalformedError: a licence record or document is malformed.
    """
    claims = {
        record.record_id: licence_claim(record.statement.predicate)
        for record in log.records
        if record.statement.kind == LICENCE
    }
    shown = _matched(documents, claims)
    governing = _governing(log)
    if not governing:
        return Answer("use", NOT_SHOWN, "no licence is shown")
    evidence = [_evidence(record, claims[record.record_id], shown) for record in governing]
    listed: dict[str, JsonValue] = {
        "licences": list[JsonValue](evidence),
        "log_size": log.checkpoint.size,
    }
    missing = [record for record in governing if claims[record.record_id].digest not in shown]
    if missing:
        spdx = claims[missing[0].record_id].spdx
        text = f"licensed under {spdx} (index {missing[0].index}); its terms are not shown"
        return Answer("use", NOT_SHOWN, text, listed)
    sentences = [use_sentence(shown[claims[record.record_id].digest]) for record in governing]
    text = f"{_grant_text(log)}{'; or '.join(sentences)}; {_as_of(log)}"
    return Answer("use", PROVEN if vouched else SELF_ASSERTED, text, listed)


def _matched(
    documents: Sequence[bytes], claims: Mapping[bytes, LicenceClaim]
) -> dict[bytes, Licence]:
    shown: dict[bytes, Licence] = {}
    for raw in documents:
        digest = hashlib.sha256(raw).digest()
        named = [one for one in claims.values() if hmac.compare_digest(one.digest, digest)]
        if not named:
            raise DigestMismatch(
                f"bundle.licences: a document has sha256 {digest.hex()}, "
                "which no licence record of the bundle names",
                hint="ask for the document that belongs to the licence record",
            )
        licence = parse_licence(raw)
        if digest in shown or any(one.spdx != licence.spdx for one in named):
            raise MalformedError(
                f"bundle.licences: got the document {digest.hex()} twice, or the record "
                f"names '{named[0].spdx}' and the document '{licence.spdx}'"
            )
        shown[digest] = licence
    return shown


def _governing(log: LogView) -> list[LoggedRecord]:
    """Return what holds: the newest licence given later, else those that the subject names."""
    if log.subject.statement.kind == LICENCE:
        return [log.subject]
    later = [record for record in log.records if licenses(record, log.subject)]
    if later:
        return [max(later, key=lambda record: record.index)]
    named = {
        edge.record
        for edge in log.subject.statement.edges
        if edge.relation == "licensedUnder" and edge.record is not None
    }
    found = [
        record
        for record in log.records
        if record.record_id in named and record.statement.kind == LICENCE
    ]
    return found


def _evidence(
    record: LoggedRecord, claim: LicenceClaim, shown: Mapping[bytes, Licence]
) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "record": record.record_id.hex(),
        "index": record.index,
        "spdx": claim.spdx,
        "digest": claim.digest.hex(),
        "shown": claim.digest in shown,
    }
    licence = shown.get(claim.digest)
    if licence is not None:
        found |= {"name": licence.name, "uri": licence.uri, "needs_grant": licence.offer}
        duties = {duty for rule in licence.permissions for duty in rule.duties}
        permitted = {action for rule in licence.permissions for action in rule.actions}
        found["permitted"] = list[JsonValue](sorted(permitted))
        found["duties"] = list[JsonValue](sorted(duties))
    return found


def _grant_text(log: LogView) -> str:
    if log.subject.statement.kind != GRANT:
        return ""
    claim = grant_claim(log.subject.statement.predicate)
    until = f" until {claim.until}" if claim.until else ""
    covered = f" for {', '.join(claim.actions)}" if claim.actions else ""
    return f"granted to {claim.licensee}{covered}{until} under "


def _as_of(log: LogView) -> str:
    return f"not withdrawn or replaced as of log size {log.checkpoint.size}, on the log's word"
