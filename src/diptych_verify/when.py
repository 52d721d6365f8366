"""When at the latest: anchors, witness cosignatures, time stamps; the earliest trusted wins."""

from diptych_verify.bundle import Bundle
from diptych_verify.errors import JsonValue, MalformedError, UntrustedKey
from diptych_verify.evidence import NOT_SHOWN, PROVEN, SELF_ASSERTED, Answer, utc
from diptych_verify.log_view import LogView
from diptych_verify.note import VerifierKey, verify_cosignature
from diptych_verify.policy import TrustPolicy
from diptych_verify.time_claim import TimeClaim


def verify_times(bundle: Bundle, log: LogView, policy: TrustPolicy) -> tuple[TimeClaim, ...]:
    """Verify every piece of time evidence that the bundle carries.

    Raises:
        MalformedError: a piece cannot be decoded.
        AnchorMismatch: chain evidence is wrong or outside the policy.
        UntrustedKey: a witness or time-stamp authority is outside the policy.
        BadSignature: a cosignature or token does not verify.
        DigestMismatch: a token stamps other bytes.
    """
    claims = _verify_witnesses(bundle, policy)
    if bundle.anchor is not None:
        from diptych_verify.anchor import verify_anchor

        claims.append(verify_anchor(bundle.anchor, log, policy))
    if bundle.timestamps:
        claims.extend(_verify_timestamps(bundle, policy))
    return tuple(claims)


def _verify_witnesses(bundle: Bundle, policy: TrustPolicy) -> list[TimeClaim]:
    """Check the cosignature lines; keys to check them by stand in the policy only."""
    known = {(key.name, key.key_hash): key for key in policy.witnesses}
    claims = []
    for line in bundle.checkpoint.signatures:
        if (line.name, line.key_hash) == (bundle.log.name, bundle.log.key_hash):
            continue
        if not known:
            if len(line.signature) != 72:
                raise MalformedError(f"the note line of {line.name} is no cosignature of 72 bytes")
            continue
        if (line.name, line.key_hash) not in known:
            raise UntrustedKey(
                f"got a cosignature of witness {line.name}, which the policy does not list",
                witness=line.name,
            )
        claims.append(_witness_claim(bundle, known[line.name, line.key_hash]))
    return claims


def _witness_claim(bundle: Bundle, key: VerifierKey) -> TimeClaim:
    seen = verify_cosignature(bundle.checkpoint, key)
    return TimeClaim(
        source="witness",
        time_s=seen.time_s,
        trusted=True,
        text=f"witness {seen.name}",
        evidence={"source": "witness", "time": utc(seen.time_s), "witness": str(key)},
    )


def _verify_timestamps(bundle: Bundle, policy: TrustPolicy) -> list[TimeClaim]:
    from diptych_verify.tsp import verify_timestamp

    message = bundle.checkpoint.body.encode()
    claims = []
    for token in bundle.timestamps:
        stamp = verify_timestamp(token, message, authorities=policy.timestamp_authorities)
        claims.append(
            TimeClaim(
                source="timestamp",
                time_s=stamp.time_s,
                trusted=stamp.trusted,
                text=f"time-stamp authority {stamp.authority or 'not named'}",
                evidence={
                    "source": "timestamp",
                    "time": utc(stamp.time_s),
                    "authority": stamp.authority,
                },
            )
        )
    return claims


def answer_when(claims: tuple[TimeClaim, ...], log: LogView) -> Answer:
    """Return the answer to `when`: the earliest trusted bound, else the earliest claimed one."""
    stated = log.subject.statement.time
    found: list[JsonValue] = [{**claim.evidence, "trusted": claim.trusted} for claim in claims]
    evidence: dict[str, JsonValue] = {"claimed_by_signer": stated, "claims": found}
    trusted = [claim for claim in claims if claim.trusted]
    if not claims:
        text = f"nothing bounds the time; the signer claims {stated}"
        return Answer("when", NOT_SHOWN, text, evidence)
    best = min(trusted or claims, key=lambda claim: claim.time_s)
    evidence["latest"] = utc(best.time_s)
    text = f"at the latest {utc(best.time_s)}, by {best.text}"
    if trusted:
        return Answer("when", PROVEN, text, evidence)
    return Answer("when", SELF_ASSERTED, f"{text}, which the policy does not cover", evidence)
