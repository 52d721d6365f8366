"""Derivatives: no licence may give more than the ancestors' licences gave."""

from dataclasses import replace

import pytest
from hypothesis import given
from tests.unit.licence.strategies import licences

from diptych.provenance.licence import Ancestor, conflicts, preset
from diptych.provenance.licence.inherit import LicenceConflict, require_compatible
from diptych_verify.licence import WHOLE, Constraint, Licence, Rule, Terms

NOW_S = 1_800_000_000.0


def _clauses(own: str | Licence, *ancestors: Ancestor) -> list[str]:
    licence = preset(own) if isinstance(own, str) else own
    return [one.clause for one in conflicts(licence, ancestors, when_s=NOW_S)]


def _from(licence: str | Licence | None, relation: str = "trainedOn", **more: bool) -> Ancestor:
    given = preset(licence) if isinstance(licence, str) else licence
    return Ancestor("patients", relation, given, **more)


@pytest.mark.parametrize(
    ("own", "given"),
    [
        ("MIT", "CC0-1.0"),
        ("MIT", "CC-BY-4.0"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0"),
        ("Apache-2.0", "MIT"),
    ],
)
def test_what_keeps_the_terms_may_be_published(own: str, given: str) -> None:
    assert _clauses(own, _from(given), _from(given, "fineTunedFrom")) == []


@pytest.mark.parametrize(
    ("own", "given", "clause"),
    [
        ("MIT", "CC-BY-SA-4.0", "terms.derivativesReciprocal"),
        ("MIT", "CC-BY-NC-4.0", "terms.commercialUse"),
        ("MIT", "CC-BY-ND-4.0", "terms.derivativesAllowed"),
        ("CC0-1.0", "CC-BY-4.0", "terms.derivativesAttribution"),
        ("research", "research", "type"),
    ],
)
def test_a_clause_that_would_be_broken_is_named(own: str, given: str, clause: str) -> None:
    assert clause in _clauses(own, _from(given))
    with pytest.raises(LicenceConflict, match="'patients'") as caught:
        require_compatible(preset(own), [_from(given)], when_s=NOW_S)
    assert clause in str(caught.value.details["conflicts"])


def test_an_approved_derivative_of_an_offer_is_fine() -> None:
    assert _clauses("research", _from("research", approved=True)) == []


def test_data_only_tested_on_passes_nothing_on() -> None:
    assert _clauses("MIT", _from("CC-BY-SA-4.0", "testedOn")) == []
    assert _clauses("MIT", _from("CC-BY-ND-4.0", "testedOn")) == []


def test_that_training_derives_is_a_reading_that_can_be_turned_off() -> None:
    trained = [_from("CC-BY-SA-4.0"), _from("CC-BY-ND-4.0", "fineTunedFrom")]
    found = conflicts(preset("MIT"), trained, when_s=NOW_S, training_derives=False)
    assert [one.clause for one in found] == ["terms.derivativesAllowed"]


def test_no_licence_is_no_conflict() -> None:
    assert _clauses("MIT", _from(None)) == []


def test_training_may_be_forbidden_by_terms_time_or_silence() -> None:
    mit = preset("MIT")
    closed = replace(mit, terms=replace(mit.terms, ai_learning_models=False))
    assert _clauses("MIT", _from(closed)) == ["terms.aiLearningModels"]
    late = Rule(("use",), (Constraint("dateTime", "lt", ("2020-01-01T00:00:00Z",)),))
    assert _clauses("MIT", _from(replace(mit, permissions=(late,)))) == ["permission"]
    assert _clauses("MIT", _from(replace(mit, permissions=(Rule(("test",)),)))) == ["permission"]
    early = Rule(("use",), (Constraint("dateTime", "gteq", ("2020-01-01T00:00:00Z",)),))
    assert _clauses("MIT", _from(replace(mit, permissions=(early,)))) == []


def test_prohibitions_and_territories_travel() -> None:
    mit = preset("MIT")
    army = Rule(("use",), (Constraint("purpose", "isAnyOf", ("military",)),))
    given = replace(mit, prohibitions=(army,), terms=replace(mit.terms, territory=("CH", "DE")))
    assert _clauses("MIT", _from(given)) == ["terms.territory", "prohibition[0]"]
    own = replace(given, terms=replace(given.terms, territory=("CH",)))
    assert _clauses(own, _from(given)) == []


@pytest.mark.parametrize(("own", "fine"), [("0", False), ("101", False), ("100", True)])
def test_a_ceiling_on_what_derivatives_earn_is_kept(own: str, fine: bool) -> None:
    mit = preset("MIT")
    given = replace(mit, terms=replace(mit.terms, derivative_rev_ceiling="100"))
    mine = replace(mit, terms=replace(mit.terms, commercial_rev_ceiling=own))
    assert _clauses(mine, _from(given)) == ([] if fine else ["terms.derivativeRevCeiling"])


def test_shares_of_revenue_may_not_exceed_the_whole() -> None:
    mit = preset("MIT")
    half = replace(mit, terms=replace(mit.terms, commercial_rev_share=WHOLE // 2))
    assert _clauses("MIT", _from(half), _from(half)) == []
    assert _clauses(half, _from(half), _from(half)) == ["terms.commercialRevShare"]
    assert _clauses("MIT", _from(half), _from(half), _from(half)) == ["terms.commercialRevShare"]


@given(licences(), licences())
def test_a_stricter_ancestor_never_removes_a_conflict(own: Licence, given: Licence) -> None:
    loose = replace(
        given,
        prohibitions=(),
        terms=replace(Terms(), expiration=given.terms.expiration, commercial_rev_share=0),
    )
    strict = {one.clause for one in conflicts(own, [_from(given)], when_s=NOW_S)}
    assert {one.clause for one in conflicts(own, [_from(loose)], when_s=NOW_S)} <= strict


@pytest.mark.parametrize(
    ("given", "clause", "advised"),
    [
        ("CC-BY-ND-4.0", "terms.derivativesAllowed", "ask its owner"),
        ("research", "type", "ask its owner"),
        ("CC-BY-SA-4.0", "terms.derivativesReciprocal", "--licence CC-BY-SA-4.0 "),
        ("CC-BY-NC-4.0", "terms.derivativesAttribution", "--licence CC-BY-NC-4.0 "),
    ],
)
def test_without_a_licence_no_duty_is_passed_on(given: str, clause: str, advised: str) -> None:
    with pytest.raises(
        LicenceConflict, match=f"no licence conflicts with {clause}.*'patients'"
    ) as e:
        require_compatible(None, [_from("CC0-1.0"), _from(given)], when_s=NOW_S)
    assert advised in e.value.hint


def test_without_a_licence_nobody_gets_too_much() -> None:
    require_compatible(None, [_from("CC0-1.0"), _from(None)], when_s=NOW_S)
    require_compatible(None, [_from("CC-BY-ND-4.0", "testedOn")], when_s=NOW_S)
    narrow = replace(
        preset("CC0-1.0"), terms=Terms(commercial_use=False, territory=("DE",)), spdx="LicenseRef-x"
    )
    require_compatible(None, [_from(narrow)], when_s=NOW_S)
    assert _clauses("MIT", _from(narrow)) == ["terms.commercialUse", "terms.territory"]
