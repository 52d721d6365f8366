"""Plugins by entry points: built-ins are declared in our own pyproject the same way as anybody's.

A group is one Protocol of at most five methods with a `checks.py` conformance suite that third
parties can import. Settings choose an implementation by name.
"""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from diptych.core.errors import ConfigError

GROUPS = (
    "diptych.chains",
    "diptych.stores",
    "diptych.blobs",
    "diptych.rules",
    "diptych.monitors",
    "diptych.responders",
    "diptych.provers",
    "diptych.payments",
)


class UnknownPlugin(ConfigError):
    """No plugin of that name is registered in the group."""

    code = "Plugin.Unknown"


class BrokenPlugin(ConfigError):
    """A registered plugin cannot be imported, or two share one name."""

    code = "Plugin.Broken"


def plugins(group: str) -> dict[str, EntryPoint]:
    """Return the registered entry points of a group by name.

    Raises:
        UnknownPlugin: the group does not exist.
        BrokenPlugin: two distributions claim one name.
    """
    if group not in GROUPS:
        raise UnknownPlugin(f"got plugin group '{group}', expected one of {', '.join(GROUPS)}")
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        known = found.setdefault(point.name, point)
        if known.value != point.value:
            raise BrokenPlugin(
                f"plugin '{point.name}' in {group} is claimed by {known.value} and {point.value}",
                hint="uninstall one of the two packages",
            )
    return found


def load_plugin(group: str, name: str) -> object:
    """Import and return one plugin object.

    Raises:
        UnknownPlugin: nothing of that name is registered.
        BrokenPlugin: its module fails to import.
    """
    return load_plugins(group, [name])[name]


def load_plugins(group: str, names: Iterable[str]) -> dict[str, object]:
    """Import and return several plugin objects by name; errors are those of `load_plugin`."""
    found = plugins(group)
    loaded: dict[str, object] = {}
    for name in names:
        if name not in found:
            known = ", ".join(sorted(found)) or "none"
            raise UnknownPlugin(f"got {group} plugin '{name}', expected one of: {known}")
        try:
            loaded[name] = found[name].load()
        except (ImportError, AttributeError) as error:
            raise BrokenPlugin(f"plugin '{name}' in {group} cannot be loaded: {error}") from error
    return loaded
