"""Lazy public names: `import diptych.ledger` stays cheap until a name is used."""

import importlib
from collections.abc import Callable, Mapping


def lazy_names(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """Return a module `__getattr__` that imports each name from its module on first use.

    Args:
        package: `__name__` of the package.
        places: public name to module path.
    """

    def load(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        return getattr(importlib.import_module(places[name]), name)

    return load
