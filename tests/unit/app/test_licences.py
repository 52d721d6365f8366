"""Licences as people use them: set, show, grant, check, revoke, and what derivatives inherit."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.app.program import Program

import diptych
from diptych import Workspace
from diptych.app.verbs.inheritance import find_conflicts, require_publishable
from diptych.app.verbs.model.license import terms_record
from diptych.provenance.licence import preset
from diptych.provenance.licence.document import licence_json
from diptych.provenance.licence.inherit import LicenceConflict
from diptych.provenance.statement import Edge

KEY = "ed25519:" + "ab" * 32


@pytest.fixture
def sealed(book: Program) -> Program:
    book.ok("seal", "study")
    return book


@pytest.fixture
def opened(sealed: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    for name, value in sealed.environ.items():
        monkeypatch.setenv(name, value)
    with diptych.open(sealed.folder) as workspace:
        yield workspace


def asked(book: Program, action: str, *more: str) -> tuple[bool, str]:
    """Return the answer of `license check` and its clause."""
    ran = book("model", "license", "check", "study", action, *more, "--json")
    found = json.loads(ran.out)
    assert ran.code == (0 if found["allowed"] else 1)
    return found["allowed"], found["clause"]


def test_a_licence_is_set_once_and_shown(sealed: Program) -> None:
    first = sealed.ok("data", "license", "set", "study", "CC-BY-4.0")
    again = sealed.ok("data", "license", "set", "study", "CC-BY-4.0")
    assert (first["new"], again["new"], again["index"]) == (True, False, first["index"])
    shown = sealed("model", "license", "show", "study").out
    assert "CC-BY-4.0, for everybody" in shown.replace("(CC-BY-4.0)", "CC-BY-4.0")
    assert "must give credit" in shown
    second = sealed.ok("data", "license", "set", "study", "MIT")
    assert second["index"] > first["index"]
    edges = sealed.ok("log")["records"][0]["edges"]
    assert {edge["rel"] for edge in edges} == {"used", "supersedes"}


def test_what_is_unlicensed_is_ours_alone(sealed: Program) -> None:
    assert asked(sealed, "train") == (True, "licensor")
    assert asked(sealed, "train", "--actor", KEY) == (False, "licence")
    assert "no licence" in sealed("model", "license", "show", "study").out


@pytest.mark.parametrize("rotated", ["before", "after"])
def test_what_is_ours_stays_ours_when_the_key_is_rotated(sealed: Program, rotated: str) -> None:
    """Whichever of both keys gave the licence, and whichever asks."""
    (old,) = (one["keyid"] for one in sealed.ok("key", "list")["keys"] if one["state"] == "valid")
    if rotated == "before":
        sealed.ok("key", "rotate")
    assert asked(sealed, "train") == (True, "licensor")
    sealed.ok("data", "license", "set", "study", "research", "--own")
    if rotated == "after":
        sealed.ok("key", "rotate")
    assert asked(sealed, "train") == (True, "licensor")
    assert asked(sealed, "train", "--actor", old) == (True, "licensor")
    assert asked(sealed, "train", "--actor", KEY) == (False, "type")


def test_terms_as_received_bind_us_too_unless_we_give_them(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "CC-BY-NC-4.0")
    assert asked(sealed, "train", "--purpose", "sale") == (False, "terms.commercialUse")
    assert asked(sealed, "train", "--purpose", "research") == (True, "permission[0]")
    sealed.ok("data", "license", "set", "study", "CC-BY-NC-4.0", "--own")
    assert asked(sealed, "train", "--purpose", "sale") == (True, "licensor")
    assert asked(sealed, "train", "--purpose", "sale", "--actor", KEY)[0] is False


def test_a_grant_opens_an_offer_until_it_ends_or_is_revoked(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "research")
    who = ("--actor", "Hospital B", "--purpose", "research")
    assert asked(sealed, "train", *who) == (False, "type")
    done = sealed.ok("data", "license", "grant", "study", "Hospital B", "--until", "2097-01-01")
    assert done["licensee"].startswith("hmac:")
    assert asked(sealed, "train", *who) == (True, "permission[0]")
    assert asked(sealed, "train", *who, "--at", "2098-01-01")[0] is False
    assert asked(sealed, "train", *who, "--at", "2001-01-01") == (False, f"grant {done['index']}")
    revoked = sealed.ok("data", "license", "revoke", "study", "--to", "Hospital B")
    assert revoked["revoked"] == [done["record"]]
    assert asked(sealed, "train", *who) == (False, f"grant {done['index']}")
    shown = sealed.ok("model", "license", "show", "study")
    assert [grant["name"] for grant in shown["grants"]] == ["Hospital B"]


def test_no_name_of_a_licensee_reaches_the_log(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "research")
    sealed.ok("data", "license", "grant", "study", "Hospital Bellevue")
    home = sealed.folder / ".diptych"
    for path in (home / "log.sqlite", home / "log.sqlite-wal", home / "graph.sqlite"):
        assert not path.exists() or b"Bellevue" not in path.read_bytes()
    assert "Bellevue" in (home / "private" / "licensees.json").read_text()
    assert (home / "private" / "licensees.json").stat().st_mode & 0o077 == 0


def test_a_key_id_stays_what_it_is(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "commercial")
    done = sealed.ok("data", "license", "grant", "study", KEY, "--action", "execute")
    assert done["licensee"] == KEY
    assert asked(sealed, "execute", "--actor", KEY, "--purpose", "sale")[0] is True
    assert asked(sealed, "train", "--actor", KEY, "--purpose", "sale")[0] is False


def test_what_was_granted_outlives_a_change_of_terms(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "commercial")
    sealed.ok("data", "license", "grant", "study", KEY)
    sealed.ok("data", "license", "set", "study", "research")
    assert asked(sealed, "execute", "--actor", KEY, "--purpose", "sale")[0] is True


def test_a_grant_covers_later_versions_only_if_it_says_so(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "research")
    sealed.ok("data", "license", "grant", "study", KEY)
    other = "ed25519:" + "cd" * 32
    sealed.ok("data", "license", "grant", "study", other, "--later")
    (sealed.folder / "study" / "a.csv").write_text("5,6\n")
    sealed.ok("seal", "study")
    sealed.ok("data", "license", "set", "study", "research")
    assert asked(sealed, "train", "--actor", KEY, "--purpose", "research") == (False, "type")
    assert asked(sealed, "train", "--actor", other, "--purpose", "research")[0] is True


def test_a_revoked_licence_allows_nothing_new(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "MIT")
    assert asked(sealed, "train", "--actor", KEY)[0] is True
    sealed.ok("data", "license", "revoke", "study", "--reason", "wrong file")
    assert asked(sealed, "train", "--actor", KEY) == (False, "licence")
    assert sealed.refused("data", "license", "grant", "study", KEY, code=2)["code"] == (
        "Licence.Missing"
    )
    assert sealed.refused("data", "license", "revoke", "study", code=2)["code"] == (
        "Licence.Missing"
    )


def test_a_file_may_be_written_by_hand(sealed: Program) -> None:
    document = licence_json(preset("MIT")) | {"name": "Our terms", "spdx": "LicenseRef-ours"}
    (sealed.folder / "terms.json").write_text(json.dumps(document, indent=2))
    done = sealed.ok("data", "license", "set", "study", "--file", "terms.json")
    assert done["spdx"] == "LicenseRef-ours"
    (sealed.folder / "terms.json").write_text('{"format": "diptych-licence/1"}')
    refused = sealed.refused("data", "license", "set", "study", "--file", "terms.json", code=1)
    assert refused["code"] == "Verify.Malformed"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("set", "study"), "Licence.Unclear"),
        (("set", "study", "GPL-9"), "Licence.UnknownPreset"),
        (("set", "nothing", "MIT"), "Record.Missing"),
        (("grant", "study", "A", "--until", "soon"), "Licence.BadTime"),
        (("grant", "study", "A", "--until", "2001-01-01"), "Licence.BadTime"),
        (("grant", "study", "A", "--action", "fly"), "Licence.UnknownAction"),
        (("grant", "study", "A\u0007B"), "Licence.BadLicensee"),
        (("check", "study", "fly"), "Licence.UnknownAction"),
        (("check", "study", "train", "--at", "soon"), "Licence.BadTime"),
    ],
)
def test_nonsense_is_refused(sealed: Program, words: tuple[str, ...], code: str) -> None:
    sealed.ok("data", "license", "set", "study", "research")
    assert sealed.refused("model", "license", *words, code=2)["code"] == code


def test_a_bundle_answers_which_use_is_allowed(sealed: Program) -> None:
    sealed.ok("data", "license", "set", "study", "CC-BY-4.0")
    sealed.ok("bundle", "study", "-o", "b.diptych.json")
    answers = sealed.ok("verify", "b.diptych.json", "study")["answers"]
    use = next(one for one in answers if one["question"] == "use")
    assert use["status"] == "self-asserted"
    assert use["text"].startswith("CC-BY-4.0: anybody may")
    own = sealed.ok("verify", "study")["answers"]
    assert next(one for one in own if one["question"] == "use")["status"] == "proven"


def test_may_in_python_counts_uses(opened: Workspace) -> None:
    document = licence_json(preset("MIT"))
    document["permission"] = [
        {
            "action": ["execute"],
            "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": ["2"]}],
            "duty": [],
        }
    ]
    path = opened.place.project / "twice.json"
    path.write_text(json.dumps(document | {"spdx": "LicenseRef-twice"}))
    opened.models.license("study", path)
    assert opened.may(KEY, "execute", "study").allowed
    from diptych.app.verbs.model.usage import record_uses

    for expected in (True, False):
        record_uses(opened, "study", KEY)
        assert opened.may(KEY, "execute", "study").allowed is expected


def test_ancestors_are_asked_at_publication(opened: Workspace) -> None:
    sealed = opened.seal("study")
    opened.models.license("study", "CC-BY-SA-4.0")
    (opened.place.project / "derived.csv").write_text("1\n")
    middle = opened.seal("derived.csv", derived_from=["study"])
    with opened.read_log() as log:
        for record in (sealed.record, middle.record):
            edges = [Edge("trainedOn", record)]
            found = find_conflicts(opened, log, preset("MIT"), edges)
            assert [(one.ancestor, one.clause) for one in found] == [
                ("study", "terms.derivativesReciprocal")
            ]
            with pytest.raises(LicenceConflict, match="study"):
                require_publishable(opened, log, preset("MIT"), edges)
            require_publishable(opened, log, preset("CC-BY-SA-4.0"), edges)


def test_data_without_a_licence_keeps_no_ancestors_duties(opened: Workspace) -> None:
    """Whoever wants to derive in private may; public data and shares may not lose the terms."""
    opened.seal("study")
    opened.models.license("study", "CC-BY-SA-4.0")
    (opened.place.project / "derived.csv").write_text("1\n")
    with pytest.raises(LicenceConflict, match="derivativesReciprocal of 'study'") as caught:
        opened.data.add("derived.csv", derived_from=["study"])
    assert "--licence CC-BY-SA-4.0" in caught.value.hint
    with pytest.raises(LicenceConflict, match="MIT conflicts"):
        opened.data.add("derived.csv", derived_from=["study"], licence="MIT")
    opened.data.add("derived.csv", derived_from=["study"], private=True, name="hidden")
    added = opened.data.add("derived.csv", derived_from=["study"], licence="CC-BY-SA-4.0")
    assert opened.data.add("derived.csv", derived_from=["study"], licence="CC-BY-SA-4.0") == (
        replace(added, new=False)
    )
    opened.models.license("study", "CC-BY-ND-4.0")
    for licence in (None, "MIT", "CC-BY-ND-4.0"):
        with pytest.raises(LicenceConflict, match="derivativesAllowed"):
            opened.data.add("derived.csv", name="other", derived_from=["study"], licence=licence)
    opened.models.license("study", "research", own=True)
    opened.data.add("derived.csv", name="other", derived_from=["study"])


def test_our_own_licence_may_not_contradict_an_ancestors(opened: Workspace) -> None:
    opened.models.license("study", "CC-BY-NC-4.0")
    (opened.place.project / "derived.csv").write_text("1\n")
    opened.seal("derived.csv", derived_from=["study"])
    with pytest.raises(LicenceConflict, match="commercialUse"):
        opened.models.license("derived.csv", "MIT", own=True)
    assert opened.models.license("derived.csv", "CC-BY-NC-4.0", own=True).licensor


def test_what_we_license_ourselves_does_not_bind_us(opened: Workspace) -> None:
    sealed = opened.seal("study")
    opened.models.license("study", "research", own=True)
    with opened.read_log() as log:
        require_publishable(opened, log, preset("MIT"), [Edge("trainedOn", sealed.record)])


def test_terms_without_an_asset_are_logged_once(opened: Workspace) -> None:
    with opened.write_log() as log:
        first = terms_record(opened, log, preset("MIT"), own=True)
        assert terms_record(opened, log, preset("MIT"), own=True) == first
        assert terms_record(opened, log, preset("MIT"), own=False) != first


def test_a_missing_document_leaves_the_use_unanswered(sealed: Program) -> None:
    done = sealed.ok("data", "license", "set", "study", "MIT")
    digest = done["digest"]
    path: Path = sealed.folder / ".diptych" / "objects" / digest[:2] / digest[2:]
    path.unlink()
    answers = sealed.ok("verify", "study")["answers"]
    assert next(one for one in answers if one["question"] == "use")["status"] == "not shown"
    refused = sealed.refused("model", "license", "check", "study", "train", "--actor", KEY, code=1)
    assert refused["code"] == "Object.Missing"
