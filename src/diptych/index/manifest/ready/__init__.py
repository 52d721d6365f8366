"""Ready-made manifests of well-known standards."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from diptych.core.errors import UsageError

if TYPE_CHECKING:
    from diptych.index.manifest.manifest import Manifest

_HERE = "diptych.index.manifest.ready"
READY = {
    "erc20": f"{_HERE}.erc20:erc20",
    "erc721": f"{_HERE}.erc721:erc721",
    "erc1155": f"{_HERE}.erc1155:erc1155",
    "uniswap-v2": f"{_HERE}.uniswap_v2:uniswap_v2",
    "uniswap-v3": f"{_HERE}.uniswap_v3:uniswap_v3",
    "anchor": f"{_HERE}.ours:anchor",
    "registry": f"{_HERE}.ours:registry",
}


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
