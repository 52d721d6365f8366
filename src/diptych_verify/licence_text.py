"""Licences in plain words: one line per rule, and one sentence for the answer to `use`."""

from collections.abc import Iterator

from diptych_verify.licence import WHOLE, Constraint, Licence, Rule

_DUTIES = {
    "attribute": "give credit",
    "compensate": "pay the agreed share",
    "delete": "delete it afterwards",
    "inform": "tell the licensor",
    "notice": "keep the licence notice",
    "shareAlike": "give derivatives the same licence",
    "stateChanges": "say what was changed",
}
_CONSTRAINTS = {
    ("dateTime", "gteq"): "from {}",
    ("dateTime", "lt"): "before {}",
    ("count", "lteq"): "at most {} times",
    ("purpose", "isAnyOf"): "for {} only",
    ("purpose", "isNoneOf"): "not for {}",
    ("spatial", "isAnyOf"): "in {} only",
    ("spatial", "isNoneOf"): "not in {}",
    ("assignee", "isAnyOf"): "by {} only",
    ("assignee", "isNoneOf"): "not by {}",
}
_SHOWN = 4


def rule_text(rule: Rule) -> str:
    """Return one rule in words.

    >>> rule_text(Rule(("execute", "train"), (Constraint("purpose", "isAnyOf", ("research",)),)))
    'execute, train, for research only'
    """
    parts = [", ".join(rule.actions), *map(_constraint_text, rule.constraints)]
    return ", ".join(parts)


def duty_text(duty: str) -> str:
    """Return a duty in words."""
    return _DUTIES[duty]


def percent(share: int) -> str:
    """Return a revenue share in percent.

    >>> percent(2_500_000)
    '2.5 %'
    """
    return f"{share * 100 / WHOLE:.6f}".rstrip("0").rstrip(".") + " %"


def terms_lines(licence: Licence) -> Iterator[str]:
    """Yield what the terms forbid or demand, one clause a line."""
    terms = licence.terms
    forbidden = {
        "commercialUse": (terms.commercial_use, "no commercial use"),
        "derivativesAllowed": (terms.derivatives_allowed, "no derivatives"),
        "aiLearningModels": (terms.ai_learning_models, "no training of models"),
        "transferable": (terms.transferable, "not transferable"),
    }
    yield from (f"{text} ({name})" for name, (allowed, text) in forbidden.items() if not allowed)
    demanded = {
        "commercialAttribution": "credit in commercial use",
        "derivativesAttribution": "credit in derivatives",
        "derivativesApproval": "derivatives need a grant",
        "derivativesReciprocal": "derivatives carry the same licence",
    }
    asked = (
        terms.commercial_attribution,
        terms.derivatives_attribution,
        terms.derivatives_approval,
        terms.derivatives_reciprocal,
    )
    pairs = zip(demanded.items(), asked, strict=True)
    yield from (f"{text} ({name})" for (name, text), wanted in pairs if wanted)
    if terms.commercial_rev_share:
        yield f"{percent(terms.commercial_rev_share)} of revenue (commercialRevShare)"
    if terms.expiration:
        yield f"ends {terms.expiration} s after the grant (expiration)"
    if terms.territory:
        yield f"in {_some(terms.territory)} only (territory)"


def use_sentence(licence: Licence) -> str:
    """Return what is allowed, demanded and forbidden in one sentence."""
    who = "licensees with a grant" if licence.offer else "anybody"
    allowed = "; ".join(map(rule_text, licence.permissions)) or "nothing"
    duties = sorted({duty for rule in licence.permissions for duty in rule.duties})
    parts = [f"{licence.spdx}: {who} may {allowed}"]
    if duties:
        parts.append(f"must {_some(tuple(map(duty_text, duties)))}")
    if licence.prohibitions:
        parts.append(f"must not {'; '.join(map(rule_text, licence.prohibitions))}")
    terms = [line.rpartition(" (")[0] for line in terms_lines(licence)]
    if terms:
        parts.append(", ".join(terms))
    return "; ".join(parts)


def _constraint_text(constraint: Constraint) -> str:
    words = _CONSTRAINTS[(constraint.operand, constraint.operator)]
    return words.format(_some(constraint.values))


def _some(values: tuple[str, ...]) -> str:
    more = len(values) - _SHOWN
    shown = ", ".join(values[: _SHOWN if more > 0 else None])
    return f"{shown} and {more} more" if more > 0 else shown
