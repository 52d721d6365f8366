"""Does any report meet a requirement? Decided from log records alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from diptych.core.errors import ProvenanceError
from diptych.provenance.requirements.claims import QualityClaim
from diptych.provenance.requirements.document import Requirement

_DAY_S: Final = 86_400
_NAMED = {
    "seal": "sealed",
    "train": "used for training",
    "publish": "published in a model",
    "serve": "served in a model",
    "sell": "sold",
}


class RequirementUnmet(ProvenanceError):
    """Data may not be used: no report meets the requirement, or the newest one failed."""

    code = "Requirement.Unmet"


@dataclass(frozen=True)
class Candidate:
    """A `quality` record about the data in question.

    Attributes:
        index: in the log.
        record: hex record id.
        claim: what it says.
        time: claimed, RFC 3339.
        signers: key ids.
        trusted: whether its signature verifies under a key that the workspace trusts.
        intact: whether its signature verifies at all and nothing revokes it.
    """

    index: int
    record: str
    claim: QualityClaim
    time: str
    signers: tuple[str, ...]
    trusted: bool = True
    intact: bool = True


def applies(requirement: Requirement, name: str) -> bool:
    """Tell whether a requirement is about data of this name."""
    return any(fnmatchcase(name, pattern) for pattern in requirement.applies_to)


def require_report(
    requirement: Requirement, candidates: Sequence[Candidate], *, what: str, now_s: float
) -> Candidate:
    """Return the report that meets a requirement.

    The newest report that counts decides, of each table within the data: an older pass does not
    outweigh it.

    Args:
        requirement: what is needed.
        candidates: reports about the data, in any order.
        what: the data, as people name them.
        now_s: seconds since the epoch.

    Raises:
        RequirementUnmet: naming the rule and the rows, or what is missing.
    """
    reasons = []
    newest: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: -one.index):
        reason = _ineligible(requirement, one, now_s)
        if reason:
            reasons.append(f"report {one.index} {reason}")
        else:
            newest.setdefault(one.claim.file, one)
    failed = [one for one in newest.values() if one.claim.verdict != "pass"]
    said = f"{what} may not be {_NAMED[requirement.stage]}"
    if failed:
        raise _failed(said, failed[0])
    if newest:
        return max(newest.values(), key=lambda one: one.index)
    wanted = f" of the rules {requirement.rules[0][:16]}…" if requirement.rules else ""
    why = "; ".join(reasons[:3]) or f"there is no quality report{wanted}"
    raise RequirementUnmet(f"{said}: {why}", hint=f"diptych data check {what} --rules FILE")


def _failed(said: str, one: Candidate) -> RequirementUnmet:
    rules = "; ".join(each.sentence() for each in one.claim.failed)
    return RequirementUnmet(
        f"{said}: report {one.index} failed{f': {rules}' if rules else ''}",
        hint=f"diptych data report {one.index}",
        record=one.record,
    )


def _ineligible(requirement: Requirement, one: Candidate, now_s: float) -> str:
    """Return why a report does not count, empty if it does."""
    if not one.intact:
        return "was revoked, or its signature does not verify"
    if requirement.signers and not set(one.signers) <= set(requirement.signers):
        return "was signed by nobody who is named as a signer"
    if not one.trusted and not requirement.signers:
        return "was signed by a key that is not trusted here"
    if requirement.rules and one.claim.rules not in requirement.rules:
        return f"is of other rules ({one.claim.rules[:16]}…)"
    if requirement.min_version and _version(one.claim.tool) < _version(requirement.min_version):
        return f"was made by {one.claim.tool}, older than {requirement.min_version}"
    age_s = now_s - datetime.fromisoformat(one.time).timestamp()
    if requirement.max_age_days is not None and age_s < -_DAY_S:
        return f"claims a time {int(-age_s // _DAY_S)} days ahead"
    if requirement.max_age_days is not None and age_s > requirement.max_age_days * _DAY_S:
        return f"is {int(age_s // _DAY_S)} days old, {requirement.max_age_days} are allowed"
    return ""


def _version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version, of `name version` or alone.

    >>> _version("diptych 0.10.2") > _version("0.9")
    True
    """
    numbers = text.rpartition(" ")[2].split(".")
    return tuple(int(one) for one in numbers if one.isascii() and one.isdigit())
