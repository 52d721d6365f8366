"""Limits of the caller that nothing looks at: a deadline is demanded."""

import re

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Site
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.templates.callers import is_called
from diptych.audit.syntax.tree import ElementaryType

__all__ = ["IN_TIME"]

_NAMED = re.compile(r"'(\w+)'")
_TIME = re.compile(r"deadline|expir|until|validto|valid_to", re.IGNORECASE)


def _in_time(site: Site, writer: Writer) -> list[Edit]:
    function, told = site.function, _NAMED.match(site.finding.message)
    if function is None or function.body is None or told is None:
        return []
    if is_called(site, function):
        return []  # with what the contract itself puts there
    name = told[1]
    given = next((each for each in function.parameters if each.name == name), None)
    if given is None or not isinstance(given.type, ElementaryType) or not _TIME.search(name):
        return []
    if not given.type.name.startswith("uint"):
        return []
    return site.at_body_start(function, writer.check(f"block.timestamp <= {name}", "too late"))


IN_TIME = Template(
    "demand that the deadline holds",
    frozenset(),
    frozenset({"unused-limit"}),
    _in_time,
)
