"""Manifests in YAML: a ready-made one with the contracts that it is for."""

from pathlib import Path
from typing import Any

from diptych.index.manifest.manifest import BadManifest, Manifest
from diptych.index.manifest.ready import READY, ready_made

_MAX_BYTES = 1 << 20
_KEYS = {"name", "use", "address", "start_block"}


def read_yaml(raw: bytes, *, where: str, folder: Path) -> Manifest:
    """Return the manifest of a YAML document.

    Args:
        raw: `name`, `use` (a ready-made manifest), `address` (one or a list), `start_block`.
        where: name of the file, for errors.
        folder: where relative paths start from.

    Raises:
        BadManifest: a key is missing or unknown, or a value of another type.
    """
    import yaml

    if len(raw) > _MAX_BYTES:
        raise BadManifest(f"{where}: got {len(raw):,} bytes, expected at most {_MAX_BYTES:,}")
    try:
        # An alias of aliases of aliases can blow up to any size.
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(raw, Loader=yaml.SafeLoader)):
            raise BadManifest(f"{where}: got an alias (*name), expected plain values")
        read = yaml.safe_load(raw)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        first = str(error).splitlines()[0][:200]
        raise BadManifest(f"{where} is no YAML: {first}") from error
    made = _manifest(read, where)
    made.folder = folder
    return made


def _manifest(read: Any, where: str) -> Manifest:
    if not isinstance(read, dict) or not set(read) <= _KEYS or "use" not in read:
        raise BadManifest(
            f"{where}: expected `use` and perhaps {', '.join(sorted(_KEYS - {'use'}))}",
            hint=f"use is one of {', '.join(READY)}",
        )
    address = read.get("address", [])
    addresses = [address] if isinstance(address, str) else address
    if not isinstance(addresses, list) or not all(isinstance(one, str) for one in addresses):
        raise BadManifest(f"{where}: address: expected text in quotes, or a list of it")
    start = read.get("start_block", 0)
    if type(start) is not int:
        raise BadManifest(f"{where}: start_block: got {start!r:.60}, expected a whole number")
    use, name = str(read["use"]), str(read.get("name", read["use"]))
    return ready_made(use, addresses, name=name, start_block=start)
