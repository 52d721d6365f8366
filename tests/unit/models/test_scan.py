"""The registry reads the log itself: no label can hide a record, no quick look can miss one."""

from hypothesis import given
from hypothesis import strategies as st

from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.models.registry.logged import KINDS
from diptych.models.registry.registry import Registry
from diptych.models.registry.scan import quick_kind
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych_verify.dsse import parse_envelope
from diptych_verify.statement import statement_of

SIGNER = Ed25519Signer(bytes(32))
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
VALUE = st.recursive(
    TEXT | st.integers(0, 99) | st.sampled_from(['"predicateType":"urn:diptych:alias:1"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from([*sorted(KINDS - {"key", "model"}), "usage", "a-b-9"]),
    TEXT.filter(bool),
    st.dictionaries(TEXT.filter(lambda key: key not in ("time", "edges")), VALUE, max_size=4),
)
def test_a_quick_look_is_never_wrong(kind: str, name: str, fields: dict[str, JsonValue]) -> None:
    draft = Draft(kind, (Subject(name, {"sha256": "00" * 32}),), 0.0, (), fields)
    (raw,) = sign_statements([draft], SIGNER)
    assert quick_kind(raw) in {None, statement_of(parse_envelope(raw)).kind}


def test_a_quick_look_suffices_for_what_we_write() -> None:
    for length in range(60):
        draft = Draft("alias", (Subject("n" * (length + 1), {"sha256": "00" * 32}),), 0.0)
        (raw,) = sign_statements([draft], SIGNER)
        assert quick_kind(raw) == "alias"


def test_a_nested_member_of_that_name_is_not_taken_for_the_kind() -> None:
    nested: dict[str, JsonValue] = {"x": {"predicateType": "urn:diptych:usage:1"}}
    (raw,) = sign_statements(
        [Draft("alias", (Subject("n", {"sha256": "00" * 32}),), 0.0, (), nested)], SIGNER
    )
    assert quick_kind(raw) is None


def test_a_view_catches_up(book: Workspace) -> None:
    registry = Registry()
    with book.read_log() as log:
        registry.catch_up(log)
        assert registry.size == log.size == 1
    (book.place.project / "f").write_text("x")
    book.seal("f")
    with book.read_log() as log:
        registry.catch_up(log)
        assert registry.size == 2
    assert registry.names() == []
