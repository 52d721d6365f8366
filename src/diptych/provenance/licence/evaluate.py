"""May somebody do something? The pure evaluator: yes or no, always with the clause that decides.

Order: the agreement, then the terms, then prohibitions (ODRL's `prohibit` conflict strategy), then
permissions; what nothing permits is not allowed. What a request does not state counts against it: a
permission's condition is then not met, a prohibition's condition is taken as met.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, UsageError
from diptych_verify.licence import ACTIONS, USE, Constraint, Licence, Rule
from diptych_verify.licence_text import rule_text

NON_COMMERCIAL: Final = frozenset({"education", "non-commercial", "personal", "research"})
"""Purposes that are not commercial; every other purpose is taken as commercial."""


class UnknownAction(UsageError):
    """Nobody can be asked about this action: licences do not know it."""

    code = "Licence.UnknownAction"


@dataclass(frozen=True)
class Request:
    """What somebody wants to do.

    Attributes:
        actor: key id or pseudonym.
        action: one of `ACTIONS`.
        when_s: seconds since the epoch.
        purpose: what for, on the actor's word; empty if not stated.
        territory: where, ISO 3166-1 alpha-2; empty if not stated.
        count: how many uses this one makes; None if not known.
    """

    actor: str
    action: str
    when_s: float
    purpose: str = ""
    territory: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Agreement:
    """A grant to one licensee.

    Attributes:
        licensee: key id or pseudonym.
        granted_s: when it began.
        until_s: when it ends; None for never.
        revoked_s: when it was taken back; None if it was not.
        actions: what it covers; empty for all that the licence permits.
        clause: how to name it in a decision, for example `grant 17`.
    """

    licensee: str
    granted_s: float
    until_s: float | None = None
    revoked_s: float | None = None
    actions: tuple[str, ...] = ()
    clause: str = "grant"


@dataclass(frozen=True)
class Decision:
    """Yes or no.

    Attributes:
        allowed: the answer.
        clause: where in the licence it is decided, for example `terms.commercialUse`.
        reason: one sentence for people.
        duties: what must be done along with the use; empty when refused.
    """

    allowed: bool
    clause: str
    reason: str
    duties: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the decision as `--json` prints it."""
        return {
            "allowed": self.allowed,
            "clause": self.clause,
            "reason": self.reason,
            "duties": list(self.duties),
        }


def may(licence: Licence, request: Request, agreement: Agreement | None = None) -> Decision:
    """Say whether a licence allows a use.

    Args:
        licence: the terms.
        request: who wants to do what, when, what for.
        agreement: the grant to this actor, where there is one.

    Returns:
        The decision with its clause. Adding a prohibition or a condition never turns no into yes.

    Raises:
        UnknownAction: the action is not in the vocabulary.
    """
    require_action(request.action)
    checks = (
        _refused_by_agreement(licence, request, agreement),
        _refused_by_terms(licence, request, agreement),
        _refused_by_prohibitions(licence, request),
    )
    for refusals in checks:
        for clause, reason in refusals:
            return Decision(False, clause, reason)
    return _permitted(licence, request)


def require_action(action: str) -> None:
    """Refuse what licences have no word for.

    Raises:
        UnknownAction: listing the words they have.
    """
    if action not in ACTIONS:
        known = ", ".join(sorted(ACTIONS))
        raise UnknownAction(f"got action '{action[:80]}', expected one of {known}")


def covers(rule: Rule, action: str) -> bool:
    """Tell whether a permission for the rule's actions permits `action` (ODRL's `includedIn`)."""
    return USE in rule.actions or action in rule.actions


def is_commercial(purpose: str) -> bool | None:
    """Tell whether a purpose is commercial; None if none is stated."""
    return None if not purpose else purpose not in NON_COMMERCIAL


Refusals = Iterator[tuple[str, str]]


def _refused_by_agreement(
    licence: Licence, request: Request, agreement: Agreement | None
) -> Refusals:
    if agreement is None:
        if licence.offer:
            yield "type", f"{licence.name} needs a grant, and {request.actor} has none"
        return
    clause = agreement.clause
    if agreement.licensee != request.actor:
        yield clause, f"the grant is to {agreement.licensee}, not to {request.actor}"
    if request.when_s < agreement.granted_s:
        yield clause, f"the grant begins at {iso_utc(agreement.granted_s)}"
    if agreement.revoked_s is not None and request.when_s >= agreement.revoked_s:
        yield clause, f"the grant was revoked at {iso_utc(agreement.revoked_s)}"
    if agreement.until_s is not None and request.when_s >= agreement.until_s:
        yield clause, f"the grant ended at {iso_utc(agreement.until_s)}"
    if agreement.actions and not covers(Rule(agreement.actions), request.action):
        yield clause, f"the grant covers {', '.join(agreement.actions)}, not {request.action}"


def _refused_by_terms(licence: Licence, request: Request, agreement: Agreement | None) -> Refusals:
    terms = licence.terms
    commercial = is_commercial(request.purpose)
    if not terms.commercial_use and commercial is not False:
        stated = "no purpose is stated" if commercial is None else f"'{request.purpose}' is not"
        allowed = ", ".join(sorted(NON_COMMERCIAL))
        yield "terms.commercialUse", f"only for {allowed}, and {stated}"
    if terms.expiration and agreement is not None:
        end_s = agreement.granted_s + terms.expiration
        if request.when_s >= end_s:
            yield "terms.expiration", f"the grant expired at {iso_utc(end_s)}"
    if terms.territory and request.territory not in terms.territory:
        where = f"not in {request.territory}" if request.territory else "no territory is stated"
        yield "terms.territory", f"only in {', '.join(terms.territory)}; {where}"
    if request.action in (USE, "derive") and not terms.derivatives_allowed:
        yield "terms.derivativesAllowed", "no derivatives are allowed"
    if request.action in (USE, "derive") and terms.derivatives_approval and agreement is None:
        yield "terms.derivativesApproval", "a derivative needs a grant, and there is none"
    if request.action in (USE, "train") and not terms.ai_learning_models:
        yield "terms.aiLearningModels", "no model may be trained on it"


def _refused_by_prohibitions(licence: Licence, request: Request) -> Refusals:
    for position, rule in enumerate(licence.prohibitions):
        # Asking for `use` asks for everything, so that a narrower prohibition stops it too.
        concerned = covers(rule, request.action) or request.action == USE
        if concerned and all(_holds(one, request) is not False for one in rule.constraints):
            yield f"prohibition[{position}]", f"prohibited: {rule_text(rule)}"


def _permitted(licence: Licence, request: Request) -> Decision:
    missed = ("permission", f"no permission covers {request.action}")
    for position, rule in enumerate(licence.permissions):
        if not covers(rule, request.action):
            continue
        clause = f"permission[{position}]"
        unmet = [one for one in rule.constraints if _holds(one, request) is not True]
        if not unmet:
            return Decision(
                True, clause, f"permitted: {rule_text(rule)}", _duties(licence, request, rule)
            )
        missed = (clause, f"only {rule_text(replace(rule, constraints=tuple(unmet)))}")
    return Decision(False, *missed)


def _duties(licence: Licence, request: Request, rule: Rule) -> tuple[str, ...]:
    terms = licence.terms
    duties = set(rule.duties)
    if is_commercial(request.purpose) is not False:
        duties |= {"attribute"} if terms.commercial_attribution else set()
        duties |= {"compensate"} if terms.commercial_rev_share else set()
    if request.action in (USE, "derive", "train", "distribute"):
        duties |= {"attribute"} if terms.derivatives_attribution else set()
        duties |= {"shareAlike"} if terms.derivatives_reciprocal else set()
    return tuple(sorted(duties))


def _holds(constraint: Constraint, request: Request) -> bool | None:
    """Tell whether a condition is met; None if the request does not say."""
    return _OPERANDS[constraint.operand](constraint, request)


def _time_holds(constraint: Constraint, request: Request) -> bool:
    now, limit = iso_utc(request.when_s), constraint.values[0]
    return now >= limit if constraint.operator == "gteq" else now < limit


def _count_holds(constraint: Constraint, request: Request) -> bool | None:
    return None if request.count is None else request.count <= int(constraint.values[0])


def _member(stated: str, constraint: Constraint) -> bool | None:
    if not stated:
        return None
    return (stated in constraint.values) == (constraint.operator == "isAnyOf")


_OPERANDS: Mapping[str, Callable[[Constraint, Request], bool | None]] = {
    "dateTime": _time_holds,
    "count": _count_holds,
    "purpose": lambda constraint, request: _member(request.purpose, constraint),
    "spatial": lambda constraint, request: _member(request.territory, constraint),
    "assignee": lambda constraint, request: _member(request.actor, constraint),
}
