"""Verify a bundle: parse, check every part that is there, answer the five questions."""

from pathlib import Path
from typing import TYPE_CHECKING

from diptych_verify.bundle import Bundle, parse_bundle
from diptych_verify.errors import RequirementUnmet
from diptych_verify.evidence import NOT_SHOWN, PROVEN, Answer, Evidence
from diptych_verify.lineage import (
    ERASED,
    IDENTITY,
    answer_derived_from,
    require_purpose,
    verify_lineage,
)
from diptych_verify.log_view import LogView, verify_log
from diptych_verify.policy import TrustPolicy
from diptych_verify.signers import answer_who, is_proven, verify_signers
from diptych_verify.time_claim import TimeClaim
from diptych_verify.when import answer_when, verify_times

if TYPE_CHECKING:
    from diptych_verify.compare import IgnoreRules
    from diptych_verify.identity.judge import Identity


def verify_bundle(
    bundle: bytes,
    *,
    policy: TrustPolicy | None = None,
    path: Path | None = None,
    lineage: bool = False,
    rules: "IgnoreRules | None" = None,
) -> Evidence:
    """Verify a bundle offline.

    Args:
        bundle: the `*.diptych.json` file.
        policy: what to believe; without one, answers are at best self-asserted.
        path: the sealed file or folder, to be re-read and compared.
        lineage: insist that every ancestor record is in the bundle.
        rules: reader of ignore files, for folders sealed with one.

    Returns:
        The five answers with their evidence.

    Raises:
        VerificationError: a part is malformed, wrong, outside the policy or unrelated; the leaf
            says which (see `diptych_verify.errors`).
        CannotScan: `path` cannot be read.
    """
    trust = policy or TrustPolicy()
    parsed = parse_bundle(bundle)
    log = verify_log(parsed, trust)
    require_purpose(log)
    signers = verify_signers(log, trust)
    times = verify_times(parsed, log, trust)
    identities = _identities(parsed, log, trust, times)
    nodes = verify_lineage(log) if lineage else ()
    anchored = any(claim.source == "anchor" and claim.trusted for claim in times)
    covered = signers.trusted or is_proven(signers, identities)
    vouched = log.listed or covered or (anchored and bool(trust.anchors))
    answers = (
        _answer_untampered(parsed, log, (path, rules), vouched),
        answer_who(signers, log, identities),
        answer_derived_from(log, vouched=vouched),
        answer_when(times, log),
        _answer_use(parsed, log, vouched),
    )
    _require(answers, trust)
    return Evidence(
        record_id=log.subject.record_id,
        index=log.subject.index,
        kind=log.subject.statement.kind,
        subject=log.subject.statement.subjects[0].name,
        origin=log.checkpoint.origin,
        size=log.checkpoint.size,
        answers=answers,
        lineage=nodes,
    )


def _answer_untampered(
    bundle: Bundle, log: LogView, files: "tuple[Path | None, IgnoreRules | None]", vouched: bool
) -> Answer:
    from diptych_verify.content import answer_untampered, verify_content

    content = verify_content(bundle, log.subject.statement, *files)
    answer = answer_untampered(content, vouched=vouched)
    if all(one.statement.kind != ERASED for one in log.records):
        return answer
    from diptych_verify.erased import with_erasures

    return with_erasures(answer, log, bundle.disclosed)


def _identities(
    bundle: Bundle, log: LogView, policy: TrustPolicy, times: tuple[TimeClaim, ...]
) -> "tuple[Identity, ...]":
    if not bundle.identities and all(one.statement.kind != IDENTITY for one in log.records):
        return ()
    from diptych_verify.identity.judge import judge_identities

    return judge_identities(bundle.identities, log, policy, times)


def _answer_use(bundle: Bundle, log: LogView, vouched: bool) -> Answer:
    if not bundle.licences and all(one.statement.kind != "licence" for one in log.records):
        return Answer("use", NOT_SHOWN, "no licence is shown")
    from diptych_verify.use import answer_use

    return answer_use(bundle.licences, log, vouched=vouched)


def _require(answers: tuple[Answer, ...], policy: TrustPolicy) -> None:
    for answer in answers:
        if answer.question in policy.require and answer.status != PROVEN:
            raise RequirementUnmet(
                f"the policy requires '{answer.question}' to be proven, got {answer.status}: "
                f"{answer.text}",
                question=answer.question,
                status=answer.status,
            )
