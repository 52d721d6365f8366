"""Well-known licences as documents. A mapping for machines, never the legal text itself.

Sources: https://spdx.org/licenses/, the texts of MIT and Apache-2.0, the Creative Commons 4.0 legal
codes (sections 2 and 3) and https://creativecommons.org/ns (permits, requires, prohibits).
"""

from collections.abc import Mapping
from dataclasses import replace

from diptych.core.errors import UsageError
from diptych_verify.licence import WHOLE, Constraint, Licence, Rule, Terms

_ALL = ("derive", "distribute", "execute", "reproduce", "test", "train")
_CC = "https://creativecommons.org/licenses"
_MIT = Licence(
    "MIT",
    "MIT",
    "https://opensource.org/license/mit",
    offer=False,
    permissions=(Rule((*_ALL[:3], "grantUse", *_ALL[3:]), (), ("notice",)),),
    prohibitions=(),
    terms=Terms(commercial_attribution=True, derivatives_attribution=True),
)
_APACHE = replace(
    _MIT,
    name="Apache-2.0",
    spdx="Apache-2.0",
    uri="https://www.apache.org/licenses/LICENSE-2.0",
    permissions=(Rule(_MIT.permissions[0].actions, (), ("notice", "stateChanges")),),
)
_CC0 = Licence(
    "CC0-1.0",
    "CC0-1.0",
    "https://creativecommons.org/publicdomain/zero/1.0/",
    offer=False,
    permissions=(Rule((*_ALL[:3], "grantUse", *_ALL[3:])),),
    prohibitions=(),
    terms=Terms(),
)
# Section 2(a)(5) and 2(a)(6): recipients get the licence from the licensor, so nobody sublicenses.
_BY = Licence(
    "CC-BY-4.0",
    "CC-BY-4.0",
    f"{_CC}/by/4.0/",
    offer=False,
    permissions=(Rule(_ALL, (), ("attribute", "notice", "stateChanges")),),
    prohibitions=(),
    terms=Terms(commercial_attribution=True, derivatives_attribution=True),
)
_RESEARCH = Licence(
    "Research only",
    "LicenseRef-diptych-research",
    "",
    offer=True,
    permissions=(
        Rule(
            ("derive", "execute", "reproduce", "test", "train"),
            (Constraint("purpose", "isAnyOf", ("education", "research")),),
            ("attribute", "inform"),
        ),
    ),
    prohibitions=(Rule(("distribute", "grantUse")),),
    terms=Terms(
        transferable=False,
        commercial_use=False,
        derivatives_attribution=True,
        derivatives_approval=True,
        expiration=365 * 86_400,
    ),
)
_COMMERCIAL = Licence(
    "Commercial with revenue share",
    "LicenseRef-diptych-commercial",
    "",
    offer=True,
    permissions=(
        Rule(("derive", "execute", "reproduce", "test", "train"), (), ("attribute", "compensate")),
    ),
    prohibitions=(Rule(("distribute", "grantUse")),),
    terms=Terms(
        transferable=False,
        commercial_attribution=True,
        commercial_rev_share=WHOLE // 20,
        derivatives_attribution=True,
    ),
)


def _creative_commons(name: str, path: str, terms: Terms) -> Licence:
    return replace(_BY, name=name, spdx=name, uri=f"{_CC}/{path}/4.0/", terms=terms)


PRESETS: Mapping[str, Licence] = {
    "MIT": _MIT,
    "Apache-2.0": _APACHE,
    "CC0-1.0": _CC0,
    "CC-BY-4.0": _BY,
    "CC-BY-SA-4.0": _creative_commons(
        "CC-BY-SA-4.0", "by-sa", replace(_BY.terms, derivatives_reciprocal=True)
    ),
    "CC-BY-NC-4.0": _creative_commons(
        "CC-BY-NC-4.0", "by-nc", replace(_BY.terms, commercial_use=False)
    ),
    "CC-BY-ND-4.0": _creative_commons(
        "CC-BY-ND-4.0", "by-nd", replace(_BY.terms, derivatives_allowed=False)
    ),
    "research": _RESEARCH,
    "commercial": _COMMERCIAL,
}


class UnknownPreset(UsageError):
    """No licence of that name is built in."""

    code = "Licence.UnknownPreset"


def preset(name: str) -> Licence:
    """Return a built-in licence by SPDX id, `research` or `commercial`.

    Raises:
        UnknownPreset: there is none of that name.

    >>> preset("CC-BY-NC-4.0").terms.commercial_use
    False
    """
    if name not in PRESETS:
        raise UnknownPreset(
            f"got licence '{name[:80]}', expected one of {', '.join(PRESETS)}",
            hint="give a licence document with --file",
        )
    return PRESETS[name]
