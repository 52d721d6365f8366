"""Identities of the subject's signers: which hold, since when, and in which words."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from diptych_verify.errors import DigestMismatch, IdentityMismatch, JsonValue, MalformedError
from diptych_verify.evidence import utc
from diptych_verify.identity.bind import Binding, bind
from diptych_verify.identity.document import IdentityClaim, identity_claim, parse_evidence
from diptych_verify.lineage import IDENTITY, revokes
from diptych_verify.log_view import LoggedRecord, LogView
from diptych_verify.policy import TrustPolicy
from diptych_verify.time_claim import TimeClaim
from diptych_verify.wording import quoted

PROVEN: Final = "proven"
CLAIMED: Final = "self-asserted"
OUTSIDE: Final = "not valid then"
REVOKED: Final = "revoked"
_ORDER = (PROVEN, CLAIMED, OUTSIDE, REVOKED)


@dataclass(frozen=True)
class Identity:
    """One judged identity of a key.

    Attributes:
        keyid: the signing key.
        method: `did:web`, `x509` or `vc`.
        name: what it says; hostile text, quoted wherever it is shown.
        state: `proven`, `self-asserted`, `not valid then` or `revoked`.
        text: what it rests on, in words.
        index: of its record.
    """

    keyid: str
    method: str
    name: str
    state: str
    text: str
    index: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as `--json` prints it."""
        return dict(vars(self))


def judge_identities(
    documents: Sequence[bytes], log: LogView, policy: TrustPolicy, times: Sequence[TimeClaim]
) -> tuple[Identity, ...]:
    """Judge the identity records of a bundle, best first.

    Args:
        documents: evidence that came with the bundle.
        log: the verified log view; signers of these records are judged already.
        policy: whose word counts.
        times: verified evidence about the time of the subject.

    Raises:
        DigestMismatch: evidence that no identity record names.
        IdentityMismatch: a record that its own key did not sign, or evidence of another key.
        BadSignature: evidence that is not signed as it says.
        IdentityRevoked: evidence that is revoked, and was perhaps before the subject was signed.
        MalformedError: a record or evidence is malformed.
    """
    claims = [
        (record, identity_claim(record.statement.predicate))
        for record in log.records
        if record.statement.kind == IDENTITY
    ]
    shown = _matched(documents, [claim for _, claim in claims])
    found = []
    for record, claim in claims:
        _require_own(record, claim)
        raw = shown.get(claim.digest)
        if raw is not None:
            found.append(_judge(record, raw, log, (policy, times)))
    ranked = sorted(found, key=lambda one: (_ORDER.index(one.state), -one.index))
    return tuple(ranked)


def _matched(documents: Sequence[bytes], claims: Iterable[IdentityClaim]) -> dict[bytes, bytes]:
    named = [claim.digest for claim in claims]
    shown: dict[bytes, bytes] = {}
    for raw in documents:
        digest = hashlib.sha256(raw).digest()
        if not any(hmac.compare_digest(digest, one) for one in named):
            raise DigestMismatch(
                f"bundle.identities: evidence has sha256 {digest.hex()}, "
                "which no identity record of the bundle names"
            )
        if digest in shown:
            raise MalformedError(f"bundle.identities: got the evidence {digest.hex()} twice")
        shown[digest] = raw
    return shown


def _require_own(record: LoggedRecord, claim: IdentityClaim) -> None:
    if record.signers != (claim.keyid,):
        raise IdentityMismatch(
            f"the identity record at index {record.index} is about {claim.keyid}, "
            "and not signed by that key itself",
            keyid=claim.keyid,
            index=record.index,
        )


def _judge(
    record: LoggedRecord,
    raw: bytes,
    log: LogView,
    trust: tuple[TrustPolicy, Sequence[TimeClaim]],
) -> Identity:
    claim, evidence = identity_claim(record.statement.predicate), parse_evidence(raw)
    if (evidence.keyid, evidence.method) != (claim.keyid, claim.method):
        raise IdentityMismatch(
            f"the identity record at index {record.index} is about {claim.keyid} by "
            f"{claim.method}, its evidence about {evidence.keyid} by {evidence.method}",
            keyid=claim.keyid,
            index=record.index,
        )
    policy, times = trust
    binding = bind(evidence, policy)
    state, text = _state(record, binding, log, times)
    return Identity(claim.keyid, claim.method, binding.name, state, text, record.index)


def _state(
    record: LoggedRecord, binding: Binding, log: LogView, times: Sequence[TimeClaim]
) -> tuple[str, str]:
    ends = [one.index for one in log.records if revokes(one, record)]
    if ends:
        return REVOKED, f"{binding.basis}, revoked at index {min(ends)}"
    if binding.valid_from_s is None and binding.valid_until_s is None:
        valid, moment = True, ""
    else:
        valid, moment = _moment(binding, log, times)
    text = binding.basis + moment + _revocation(binding, log, times)
    if not valid:
        return OUTSIDE, text
    return (PROVEN if binding.trusted else CLAIMED), text


def _revocation(binding: Binding, log: LogView, times: Sequence[TimeClaim]) -> str:
    """Return what is known about revocation of the evidence; revoked evidence is refused."""
    if not binding.about:
        return ""
    bounds = [claim.time_s for claim in times if claim.trusted]
    said = binding.standing.at(
        binding.about, signed_s=_claimed(log, bounds), proven_s=min(bounds, default=None)
    )
    return f", {said or f'{binding.about} revocation not checked'}"


def _claimed(log: LogView, bounds: Sequence[int]) -> int:
    """Return when the signer says that it signed, which is not after it was seen."""
    claimed = int(datetime.fromisoformat(log.subject.statement.time).timestamp())
    return min(claimed, *bounds) if bounds else claimed


def _moment(binding: Binding, log: LogView, times: Sequence[TimeClaim]) -> tuple[bool, str]:
    """Tell whether the binding was valid when the subject was signed, and how that is known.

    Evidence about time bounds it from above. A bound within the validity shows that the record
    existed before the end; without one, or after it, only the signer's claim is left.
    """
    bounds = [claim.time_s for claim in times if claim.trusted]
    if bounds and _covers(binding, min(bounds)):
        return True, f", valid at {utc(min(bounds))} (proven)"
    claimed = _claimed(log, bounds)
    if _covers(binding, claimed):
        return True, f", valid at {utc(claimed)} (claimed by the signer)"
    end = binding.valid_until_s
    if end is not None and claimed > end:
        return False, f", expired at {_shown(end)}"
    return False, f", not valid before {_shown(binding.valid_from_s or 0)}"


def _covers(binding: Binding, time_s: int) -> bool:
    start, end = binding.valid_from_s, binding.valid_until_s
    return (start is None or start <= time_s) and (end is None or time_s <= end)


def _shown(time_s: int) -> str:
    try:
        return utc(time_s)
    except MalformedError:
        return f"{time_s} s"


def sentence(identity: Identity) -> str:
    """Return what `who` says about an identity that is not its key's name."""
    verbs = {PROVEN: "is", REVOKED: "was said to be", OUTSIDE: "is said to be"}
    verb = verbs.get(identity.state, "says it is")
    return f"{verb} {quoted(identity.name)} ({identity.text})"
