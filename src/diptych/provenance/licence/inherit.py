"""What a derivative inherits: its licence may never give more than its ancestors' licences gave.

Checked when something is published. A trained model is taken as a derivative of its training data;
whether the law sees it so is disputed, so the strict reading is the default and can be turned off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, ProvenanceError
from diptych.provenance.licence.evaluate import covers
from diptych.provenance.licence.presets import PRESETS, preset
from diptych_verify.licence import WHOLE, Licence, Rule
from diptych_verify.licence_text import percent, rule_text

_ACTION = {"trainedOn": "train", "testedOn": "test"}
_PUBLIC_IDS = "LicenseRef-"


class LicenceConflict(ProvenanceError):
    """The licences of ancestors do not allow this to be published under its licence."""

    code = "Licence.Conflict"


@dataclass(frozen=True)
class Ancestor:
    """Something that the derivative comes from.

    Attributes:
        name: how to name it in a conflict.
        relation: edge that leads to it, for example `trainedOn`; for ancestors of ancestors the
            one that leads out of the derivative.
        licence: its licence; None if it has none, which is never a conflict.
        approved: a grant permits the derivative.
    """

    name: str
    relation: str
    licence: Licence | None
    approved: bool = False


@dataclass(frozen=True)
class Conflict:
    """One clause of one ancestor that the derivative would break."""

    ancestor: str
    clause: str
    reason: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the conflict as `--json` prints it."""
        return {"ancestor": self.ancestor, "clause": self.clause, "reason": self.reason}


def conflicts(
    licence: Licence | None,
    ancestors: Sequence[Ancestor],
    *,
    when_s: float,
    training_derives: bool = True,
) -> tuple[Conflict, ...]:
    """Compare the licence of a derivative with those of all its ancestors.

    Args:
        licence: terms under which the derivative would be published. None gives nobody any right,
            so that it is never too wide, but it keeps no duty of an ancestor either.
        ancestors: everything it comes from, direct or not.
        when_s: time of publication.
        training_derives: take a trained model as a derivative of its training data.

    Returns:
        Every clause that would be broken, named with its ancestor; empty if there is none.
    """
    found: list[Conflict] = []
    for ancestor in ancestors:
        given = ancestor.licence
        if given is None:
            continue
        broken = [*_unpermitted(ancestor, given, when_s)]
        if ancestor.relation != "testedOn" and (
            training_derives or ancestor.relation != "trainedOn"
        ):
            broken += _not_derivable(ancestor, given)
            broken += _unstated(given) if licence is None else _wider(licence, given)
        found += [Conflict(ancestor.name, clause, reason) for clause, reason in broken]
    return (*found, *(() if licence is None else _revenue(licence, ancestors)))


def require_compatible(
    licence: Licence | None, ancestors: Sequence[Ancestor], *, when_s: float
) -> None:
    """Refuse to publish under a licence, or under none, that an ancestor's licence contradicts.

    Raises:
        LicenceConflict: naming the first clause and ancestor; `details` lists all.
    """
    found = conflicts(licence, ancestors, when_s=when_s)
    if found:
        first = found[0]
        listed: list[JsonValue] = [f"{one.ancestor}: {one.clause}: {one.reason}" for one in found]
        raise LicenceConflict(
            f"{licence.name if licence else 'no licence'} conflicts with {first.clause} of "
            f"'{first.ancestor}': {first.reason}",
            hint=_advice(ancestors, when_s),
            conflicts=listed,
        )


def _advice(ancestors: Sequence[Ancestor], when_s: float) -> str:
    """Name a built-in licence that no ancestor contradicts, an ancestor's own first."""
    given = [one.licence.spdx for one in ancestors if one.licence]
    for name in (*given, *PRESETS):
        if name in PRESETS and not conflicts(preset(name), ancestors, when_s=when_s):
            return f"--licence {name} keeps the terms of everything it comes from"
    return "choose a licence that keeps the ancestor's terms, or ask its owner for a grant"


Broken = Iterator[tuple[str, str]]


def _unpermitted(ancestor: Ancestor, given: Licence, when_s: float) -> Broken:
    action = _ACTION.get(ancestor.relation, "derive")
    if action == "train" and not given.terms.ai_learning_models:
        yield "terms.aiLearningModels", "no model may be trained on it"
    if given.offer and not ancestor.approved:
        yield "type", "it may be used under a grant only, and none covers this"
    rules = [rule for rule in given.permissions if covers(rule, action)]
    if not rules:
        yield "permission", f"no permission covers {action}"
    elif not any(_in_time(rule, when_s) for rule in rules):
        yield "permission", f"every permission for {action} is out of time at {iso_utc(when_s)}"


def _in_time(rule: Rule, when_s: float) -> bool:
    now = iso_utc(when_s)
    return all(
        now >= one.values[0] if one.operator == "gteq" else now < one.values[0]
        for one in rule.constraints
        if one.operand == "dateTime"
    )


def _not_derivable(ancestor: Ancestor, given: Licence) -> Broken:
    if not given.terms.derivatives_allowed:
        yield "terms.derivativesAllowed", "no derivatives may be published"
    if given.terms.derivatives_approval and not ancestor.approved:
        yield "terms.derivativesApproval", "each derivative needs a grant, and none covers this"


def _unstated(given: Licence) -> Broken:
    """Yield the duties that a derivative without a licence cannot pass on."""
    if given.terms.derivatives_reciprocal:
        yield "terms.derivativesReciprocal", f"derivatives must be under {given.name} too"
    if given.terms.derivatives_attribution:
        yield "terms.derivativesAttribution", "a derivative without a licence asks for no credit"


def _wider(own: Licence, given: Licence) -> Broken:
    """Yield where the derivative's licence gives more than the ancestor's."""
    mine, theirs = own.terms, given.terms
    if theirs.derivatives_reciprocal and not _same(own, given):
        yield "terms.derivativesReciprocal", f"derivatives must be under {given.name} too"
    if theirs.derivatives_attribution and not _credits(own):
        yield "terms.derivativesAttribution", f"{own.name} does not ask for credit"
    if mine.commercial_use and not theirs.commercial_use:
        yield "terms.commercialUse", f"{own.name} allows commercial use"
    if theirs.territory and not (mine.territory and set(mine.territory) <= set(theirs.territory)):
        yield "terms.territory", f"{own.name} reaches beyond {', '.join(theirs.territory)}"
    if _exceeds(mine.commercial_rev_ceiling, theirs.derivative_rev_ceiling):
        yield (
            "terms.derivativeRevCeiling",
            f"a derivative may earn at most {theirs.derivative_rev_ceiling}",
        )
    for position, rule in enumerate(given.prohibitions):
        if rule not in own.prohibitions:
            yield f"prohibition[{position}]", f"{own.name} does not prohibit {rule_text(rule)}"


def _same(own: Licence, given: Licence) -> bool:
    return own == given or (own.spdx == given.spdx and not own.spdx.startswith(_PUBLIC_IDS))


def _credits(own: Licence) -> bool:
    duties = {duty for rule in own.permissions for duty in rule.duties}
    return own.terms.derivatives_attribution or bool(duties & {"attribute", "notice"})


def _exceeds(own: str, ceiling: str) -> bool:
    """Compare amounts where "0" means without limit."""
    return ceiling != "0" and (own == "0" or int(own) > int(ceiling))


def _revenue(own: Licence, ancestors: Sequence[Ancestor]) -> Iterator[Conflict]:
    """Yield a conflict when all shares along the line leave nothing: more than 100 % together."""
    owed = own.terms.commercial_rev_share
    for ancestor in ancestors:
        share = ancestor.licence.terms.commercial_rev_share if ancestor.licence else 0
        owed += share
        if share and owed > WHOLE:
            reason = f"shares of revenue add up to {percent(owed)}, more than 100 %"
            yield Conflict(ancestor.name, "terms.commercialRevShare", reason)
