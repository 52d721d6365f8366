"""The rules that are installed: ours and anybody's, by entry points of one group."""

from collections.abc import Iterable

from diptych.audit.errors import UnknownRule
from diptych.audit.rules.rule import Rule
from diptych.core.plugins import BrokenPlugin, load_plugins, plugins

__all__ = ["installed_rules"]

GROUP = "diptych.rules"


def installed_rules(only: Iterable[str] = ()) -> tuple[Rule, ...]:
    """Load the installed rules in the order of their ids.

    Args:
        only: ids to restrict to; none means all.

    Raises:
        UnknownRule: an id that no installed rule has.
        BrokenPlugin: an entry point is not a rule, or its id is not its name.
    """
    known = sorted(plugins(GROUP))
    wanted = sorted(set(only)) or known
    for name in wanted:
        if name not in known:
            raise UnknownRule(
                f"got rule '{name}', expected one of: {', '.join(known)}",
                hint="see diptych audit rules",
            )
    return tuple(_rule(name, found) for name, found in load_plugins(GROUP, wanted).items())


def _rule(name: str, rule: object) -> Rule:
    if not isinstance(rule, Rule) or rule.info.id != name:
        raise BrokenPlugin(f"plugin '{name}' in {GROUP} is no rule with the id '{name}'")
    return rule
