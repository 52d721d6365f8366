"""`index init`: write a manifest for a contract."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.verbs.index.origin import NoOrigin, Origin
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.core.files import naming, write_durably
from diptych.index.manifest.contract import BadContract
from diptych.index.manifest.ready import READY, NoReadyMade

if TYPE_CHECKING:
    from diptych.index.abi import Abi
    from diptych.index.manifest.recognised import Recognised
    from diptych.ledger.rpc import Rpc

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_MAX_ABI_BYTES = 16 << 20
_INTERFACES = {"erc721": "80ac58cd", "erc1155": "d9b67a26"}
"""ERC-165 identifiers."""


class IndexFileExists(UsageError):
    """A manifest would replace a file that is there already."""

    code = "Index.FileExists"


class NotRecognised(UsageError):
    """Nothing is known of a contract's events."""

    code = "Index.NotRecognised"


@dataclass(frozen=True)
class Started:
    """A manifest that was written.

    Attributes:
        path: of the file.
        use: ready-made manifest that it uses, or None.
        events: names of the events that have tables of their own.
        more: whether the contract has events that the ready-made manifest leaves out.
    """

    path: Path
    use: str | None
    events: tuple[str, ...]
    more: bool


@dataclass(frozen=True)
class Wish:
    """What to write.

    Attributes:
        what: address, or path of an ABI; empty only with `use`.
        abi: path of the ABI of an address, or name of a known one.
        use: ready-made manifest.
        name: of the manifest; by default what was recognised.
        in_yaml: whether to write YAML.
    """

    what: str = ""
    abi: str | None = None
    use: str | None = None
    name: str | None = None
    in_yaml: bool = False


def start_manifest(workspace: Workspace, folder: Path, wish: Wish, origin: Origin) -> Started:
    """Write a manifest into a folder; never over a file.

    Raises:
        IndexFileExists: there is one of this name.
        NotRecognised: the contract's code shows no known event.
        BadAbi: the ABI cannot be read.
        LedgerError: the endpoint cannot be asked.
    """
    from diptych.index.abi import Abi
    from diptych.index.manifest.manifest import Manifest
    from diptych.index.manifest.recognised import Recognised
    from diptych.index.manifest.started import Start, python_text, yaml_text

    if wish.use is not None and wish.use not in READY:
        raise NoReadyMade(f"got '{wish.use[:60]}', expected one of {', '.join(READY)}")
    address = wish.what if _ADDRESS.fullmatch(wish.what) else ""
    if wish.use is not None:
        if wish.what and not address:
            raise BadContract(f"got address '{wish.what[:60]}', expected 0x and 40 digits")
        found = Recognised(wish.use, Abi(()))
    else:
        found = _recognised(workspace, folder, wish, origin)
    name = wish.name or (found.use or "contract")
    Manifest(name)
    written_out = found.use is None or (found.more and wish.use is None)
    start = Start(
        name,
        [address.lower()] if address else [],
        None if written_out else found.use,
        found.abi,
        note=f"For more, see also: diptych index init --use {found.use}"
        if written_out and found.use
        else "",
    )
    path = folder / f"{name}.{'yaml' if wish.in_yaml else 'py'}"
    if path.exists() or path.is_symlink():
        raise IndexFileExists(f"{path.name} is there already", hint="give another --name")
    write_durably(path, (yaml_text if wish.in_yaml else python_text)(start).encode())
    events = tuple(one.signature for one in found.abi.events) if start.use is None else ()
    return Started(path, start.use, events, found.more)


def _recognised(workspace: Workspace, folder: Path, wish: Wish, origin: Origin) -> "Recognised":
    from diptych.index.manifest.recognised import recognised_abi

    is_address = bool(_ADDRESS.fullmatch(wish.what))
    given = wish.abi if is_address else wish.what
    if given:
        found = recognised_abi(_read(folder, given))
    elif is_address:
        found = _by_code(workspace, wish.what, origin)
    else:
        raise NotRecognised("got nothing to index, expected an address or an ABI's file")
    if not found.abi.events and found.use is None:
        raise NotRecognised(
            f"{wish.what[:60]}: no event is known",
            hint="give its ABI by --abi, or a ready-made manifest by --use",
        )
    return found


def _read(folder: Path, given: str) -> "Abi":
    from diptych.index.abi import known_abi, read_abi
    from diptych.index.abi.known import known_names

    if given in known_names():
        return known_abi(given)
    path = folder / given
    with naming(path), path.open("rb") as stream:
        raw = stream.read(_MAX_ABI_BYTES + 1)
    return read_abi(raw, path.name)


def _by_code(workspace: Workspace, address: str, origin: Origin) -> "Recognised":
    from diptych.audit.source.address import fetch_code, rpc_options
    from diptych.index.manifest.recognised import recognised_code
    from diptych.ledger.address import read_address
    from diptych.ledger.rpc import Rpc

    if origin.paths:
        raise NoOrigin("got files, expected an endpoint or a chain profile to ask for code")
    if origin.urls:
        rpc = Rpc(origin.urls[0], options=rpc_options())
    else:
        from diptych.app.verbs.ledger import open_current_chain

        rpc = open_current_chain(workspace).rpc
    fetched = fetch_code(rpc, read_address(address))
    found = recognised_code([bytes.fromhex(one.data.decode()) for one in fetched.texts])
    if found.use in {None, "erc20"}:
        told = next((use for use in _INTERFACES if _supports(rpc, address, use)), None)
        found = found if told is None else found._replace(use=told, more=False)
    return found


def _supports(rpc: "Rpc", address: str, use: str) -> bool:
    """Ask a contract whether it has an interface (ERC-165)."""
    from diptych.core.errors import LedgerError

    data = "0x01ffc9a7" + _INTERFACES[use].ljust(64, "0")
    try:
        answer = rpc.call("eth_call", {"to": address, "data": data}, "latest")
    except LedgerError:
        return False
    return answer == "0x" + "1".rjust(64, "0")
