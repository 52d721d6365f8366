"""Random licences and requests."""

from hypothesis import strategies as st

from diptych.provenance.licence.evaluate import Agreement, Request
from diptych_verify.licence import ACTIONS, DUTIES, WHOLE, Constraint, Licence, Rule, Terms

ACTORS = ("ed25519:aa", "hmac:bb", "hmac:cc")
PURPOSES = ("research", "advertising", "education", "clinical")
PLACES = ("CH", "DE", "FR")
TIMES = tuple(f"20{year}-01-01T00:00:00Z" for year in range(24, 30))


def _subset(values: tuple[str, ...] | frozenset[str], least: int = 1) -> st.SearchStrategy:
    return st.sets(st.sampled_from(sorted(values)), min_size=least).map(
        lambda found: tuple(sorted(found))
    )


CONSTRAINTS = st.one_of(
    st.builds(
        Constraint,
        st.just("dateTime"),
        st.sampled_from(["gteq", "lt"]),
        st.sampled_from(TIMES).map(lambda time: (time,)),
    ),
    st.builds(
        Constraint,
        st.just("count"),
        st.just("lteq"),
        st.integers(1, 9).map(lambda number: (str(number),)),
    ),
    *(
        st.builds(
            Constraint,
            st.just(operand),
            st.sampled_from(["isAnyOf", "isNoneOf"]),
            _subset(values),
        )
        for operand, values in (("purpose", PURPOSES), ("spatial", PLACES), ("assignee", ACTORS))
    ),
)
_LISTS = st.lists(CONSTRAINTS, max_size=3).map(tuple)
PROHIBITIONS = st.builds(Rule, _subset(ACTIONS), _LISTS)
PERMISSIONS = st.builds(Rule, _subset(ACTIONS), _LISTS, _subset(DUTIES, 0))
AMOUNTS = st.sampled_from(["0", "1", "1000", str(10**30)])


@st.composite
def licences(draw: st.DrawFn) -> Licence:
    """Draw a valid licence."""
    offer = draw(st.booleans())
    terms = Terms(
        transferable=draw(st.booleans()),
        expiration=draw(st.integers(0, 10**8)) if offer else 0,
        commercial_use=draw(st.booleans()),
        commercial_attribution=draw(st.booleans()),
        commercial_rev_share=draw(st.integers(0, WHOLE)),
        commercial_rev_ceiling=draw(AMOUNTS),
        derivatives_allowed=draw(st.booleans()),
        derivatives_attribution=draw(st.booleans()),
        derivatives_approval=draw(st.booleans()),
        derivatives_reciprocal=draw(st.booleans()),
        derivative_rev_ceiling=draw(AMOUNTS),
        ai_learning_models=draw(st.booleans()),
        territory=draw(_subset(PLACES, 0)),
    )
    return Licence(
        name=draw(st.sampled_from(["A licence", "B", "Lizenz für Daten"])),
        spdx=draw(st.sampled_from(["MIT", "CC-BY-4.0", "LicenseRef-own"])),
        uri=draw(st.sampled_from(["", "https://example.org/terms", "urn:x:1"])),
        offer=offer,
        permissions=tuple(draw(st.lists(PERMISSIONS, max_size=3))),
        prohibitions=tuple(draw(st.lists(PROHIBITIONS, max_size=3))),
        terms=terms,
    )


REQUESTS = st.builds(
    Request,
    st.sampled_from(ACTORS),
    st.sampled_from(sorted(ACTIONS)),
    st.integers(1_700_000_000, 1_900_000_000),
    st.sampled_from(["", *PURPOSES]),
    st.sampled_from(["", *PLACES]),
    st.none() | st.integers(1, 10),
)
AGREEMENTS = st.none() | st.builds(
    Agreement,
    st.sampled_from(ACTORS),
    st.integers(1_700_000_000, 1_800_000_000),
    st.none() | st.integers(1_700_000_000, 1_900_000_000),
    st.none() | st.integers(1_700_000_000, 1_900_000_000),
    _subset(ACTIONS, 0),
)
