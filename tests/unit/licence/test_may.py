"""May somebody do something? Each clause with a yes and a no, and what must hold for all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.licence.strategies import (
    AGREEMENTS,
    CONSTRAINTS,
    PROHIBITIONS,
    REQUESTS,
    licences,
)

from diptych.provenance.licence import Agreement, Request, may, preset
from diptych.provenance.licence.evaluate import UnknownAction
from diptych_verify.licence import Constraint, Licence, Rule

NOW_S = 1_800_000_000.0
DAY_S = 86_400
ANNA = "hmac:anna"
ASK = Request(ANNA, "execute", NOW_S, purpose="research")
DEAL = Agreement(ANNA, NOW_S - DAY_S)


@pytest.mark.parametrize(
    ("name", "action", "purpose", "clause"),
    [
        ("MIT", "execute", "", "permission[0]"),
        ("MIT", "grantUse", "advertising", "permission[0]"),
        ("CC-BY-4.0", "train", "advertising", "permission[0]"),
        ("CC-BY-NC-4.0", "train", "research", "permission[0]"),
        ("CC-BY-SA-4.0", "derive", "", "permission[0]"),
        ("CC-BY-ND-4.0", "distribute", "", "permission[0]"),
    ],
)
def test_presets_permit(name: str, action: str, purpose: str, clause: str) -> None:
    decision = may(preset(name), replace(ASK, action=action, purpose=purpose))
    assert (decision.allowed, decision.clause) == (True, clause)


@pytest.mark.parametrize(
    ("name", "action", "purpose", "clause"),
    [
        ("CC-BY-4.0", "grantUse", "", "permission"),
        ("CC-BY-NC-4.0", "train", "advertising", "terms.commercialUse"),
        ("CC-BY-NC-4.0", "train", "", "terms.commercialUse"),
        ("CC-BY-ND-4.0", "derive", "research", "terms.derivativesAllowed"),
        ("CC-BY-ND-4.0", "use", "research", "terms.derivativesAllowed"),
        ("research", "execute", "research", "type"),
        ("commercial", "execute", "sale", "type"),
    ],
)
def test_presets_refuse(name: str, action: str, purpose: str, clause: str) -> None:
    decision = may(preset(name), replace(ASK, action=action, purpose=purpose))
    assert (decision.allowed, decision.clause) == (False, clause)
    assert decision.duties == ()


def test_duties_come_with_a_yes() -> None:
    share_alike = may(preset("CC-BY-SA-4.0"), replace(ASK, action="derive"))
    assert set(share_alike.duties) == {"attribute", "notice", "shareAlike", "stateChanges"}
    paid = may(preset("commercial"), replace(ASK, purpose="sale"), DEAL)
    assert "compensate" in paid.duties


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"licensee": "hmac:bert"}, "not to hmac:anna"),
        ({"granted_s": NOW_S + 1}, "begins at"),
        ({"revoked_s": NOW_S}, "revoked at"),
        ({"until_s": NOW_S}, "ended at"),
        ({"actions": ("train",)}, "not execute"),
    ],
)
def test_a_grant_must_cover_the_use(change: dict[str, object], said: str) -> None:
    licence = preset("research")
    assert may(licence, ASK, DEAL).allowed
    decision = may(licence, ASK, replace(DEAL, **change))  # type: ignore[arg-type]
    assert (decision.allowed, decision.clause) == (False, "grant")
    assert said in decision.reason


def test_a_grant_is_good_until_the_second_it_ends() -> None:
    deal = replace(DEAL, until_s=NOW_S + 1, revoked_s=NOW_S + 1, actions=("use",))
    assert may(preset("research"), ASK, deal).allowed


def test_a_grant_expires_after_the_terms_say() -> None:
    licence = preset("research")
    old = replace(DEAL, granted_s=NOW_S - 365 * DAY_S)
    assert may(licence, ASK, old).clause == "terms.expiration"
    assert may(licence, ASK, replace(old, granted_s=old.granted_s + 1)).allowed


def _only(*constraints: Constraint) -> Licence:
    return replace(preset("CC0-1.0"), permissions=(Rule(("use",), constraints),))


@pytest.mark.parametrize(
    ("constraint", "met", "unmet"),
    [
        (("dateTime", "gteq", "2027-01-15T08:00:00Z"), {"when_s": NOW_S}, {"when_s": NOW_S - 1}),
        (("dateTime", "lt", "2027-01-15T08:00:00Z"), {"when_s": NOW_S - 1}, {"when_s": NOW_S}),
        (("count", "lteq", "3"), {"count": 3}, {"count": 4}),
        (("count", "lteq", "3"), {"count": 1}, {"count": None}),
        (("purpose", "isAnyOf", "clinical"), {"purpose": "clinical"}, {"purpose": "research"}),
        (("purpose", "isNoneOf", "clinical"), {"purpose": "research"}, {"purpose": ""}),
        (("spatial", "isAnyOf", "CH"), {"territory": "CH"}, {"territory": "DE"}),
        (("spatial", "isNoneOf", "CH"), {"territory": "DE"}, {"territory": ""}),
        (("assignee", "isAnyOf", ANNA), {"actor": ANNA}, {"actor": "hmac:bert"}),
        (("assignee", "isNoneOf", ANNA), {"actor": "hmac:bert"}, {"actor": ANNA}),
    ],
)
def test_a_permission_holds_only_under_its_condition(
    constraint: tuple[str, str, str], met: dict[str, object], unmet: dict[str, object]
) -> None:
    operand, operator, value = constraint
    licence = _only(Constraint(operand, operator, (value,)))
    assert may(licence, replace(ASK, **met)).allowed  # type: ignore[arg-type]
    decision = may(licence, replace(ASK, **unmet))  # type: ignore[arg-type]
    assert (decision.allowed, decision.clause) == (False, "permission[0]")


def test_a_territory_of_the_terms_must_be_stated_and_inside() -> None:
    licence = preset("MIT")
    bounded = replace(licence, terms=replace(licence.terms, territory=("CH", "LI")))
    assert may(bounded, replace(ASK, territory="LI")).allowed
    assert may(bounded, replace(ASK, territory="DE")).clause == "terms.territory"
    assert may(bounded, ASK).clause == "terms.territory"


def test_a_prohibition_beats_a_permission_and_counts_when_nothing_is_stated() -> None:
    no_army = Rule(("execute",), (Constraint("purpose", "isAnyOf", ("military",)),))
    licence = replace(preset("MIT"), prohibitions=(no_army,))
    assert may(licence, ASK).allowed
    assert may(licence, replace(ASK, purpose="military")).clause == "prohibition[0]"
    assert may(licence, replace(ASK, purpose="")).clause == "prohibition[0]"
    assert may(licence, replace(ASK, purpose="", action="train")).allowed


def test_training_can_be_forbidden_alone() -> None:
    licence = preset("MIT")
    closed = replace(licence, terms=replace(licence.terms, ai_learning_models=False))
    assert may(closed, replace(ASK, action="train")).clause == "terms.aiLearningModels"
    assert may(closed, ASK).allowed


def test_an_unknown_action_is_an_error_not_an_answer() -> None:
    with pytest.raises(UnknownAction):
        may(preset("MIT"), replace(ASK, action="frobnicate"))


@given(licences(), REQUESTS, AGREEMENTS, PROHIBITIONS, st.integers(0, 3))
def test_a_prohibition_never_turns_no_into_yes(
    licence: Licence, request: Request, agreement: Agreement | None, more: Rule, at: int
) -> None:
    rules = licence.prohibitions
    stricter = replace(licence, prohibitions=(*rules[:at], more, *rules[at:]))
    if may(stricter, request, agreement).allowed:
        assert may(licence, request, agreement).allowed


@given(licences(), REQUESTS, AGREEMENTS, CONSTRAINTS)
def test_a_condition_on_permissions_never_turns_no_into_yes(
    licence: Licence, request: Request, agreement: Agreement | None, more: Constraint
) -> None:
    narrowed = tuple(
        replace(rule, constraints=(*rule.constraints, more)) for rule in licence.permissions
    )
    if may(replace(licence, permissions=narrowed), request, agreement).allowed:
        assert may(licence, request, agreement).allowed


@given(
    licences(),
    REQUESTS,
    AGREEMENTS,
    st.sampled_from(["commercial_use", "derivatives_allowed", "ai_learning_models"]),
)
def test_stricter_terms_never_turn_no_into_yes(
    licence: Licence, request: Request, agreement: Agreement | None, field: str
) -> None:
    stricter = replace(licence, terms=replace(licence.terms, **{field: False}))  # type: ignore[arg-type]
    if may(stricter, request, agreement).allowed:
        assert may(licence, request, agreement).allowed


@given(licences(), REQUESTS, AGREEMENTS)
def test_what_is_left_unsaid_is_never_a_way_to_a_yes(
    licence: Licence, request: Request, agreement: Agreement | None
) -> None:
    silent = replace(request, purpose="", territory="", count=None)
    decision = may(licence, silent, agreement)
    assert decision.clause
    assert decision.reason
    if decision.allowed:
        assert may(licence, request, agreement).allowed
