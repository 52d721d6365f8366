"""Ready-made manifests of well-known standards."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from diptych.core.errors import UsageError

if TYPE_CHECKING:
    from diptych.index.manifest.manifest import Manifest

READY = {"erc20": "diptych.index.manifest.ready.erc20:erc20"}


class NoReadyMade(UsageError):
    """There is no ready-made manifest of this name."""

    code = "Index.NoReadyMade"


def ready_made(
    use: str, addresses: Sequence[str], *, name: str, start_block: int = 0
) -> "Manifest":
    """Return a ready-made manifest for some contracts.

    Raises:
        NoReadyMade: there is none of this name.
    """
    if use not in READY:
        raise NoReadyMade(f"got '{use[:60]}', expected one of {', '.join(READY)}")
    module, _, function = READY[use].partition(":")
    made: Manifest = getattr(import_module(module), function)(
        addresses, name=name, start_block=start_block
    )
    return made
