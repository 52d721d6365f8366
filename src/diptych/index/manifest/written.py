"""Manifests in YAML: a ready-made one with its contracts, or contracts, entities and handlers."""

from pathlib import Path
from typing import Any

from diptych.index.manifest.contract import Contract, Factory
from diptych.index.manifest.document import read_document
from diptych.index.manifest.manifest import BadManifest, Manifest
from diptych.index.manifest.ready import READY, ready_made
from diptych.index.manifest.written_entities import mapping, texts, written_entity
from diptych.index.manifest.written_handlers import add_handler, python_file

_READY_KEYS = {"name", "use", "address", "start_block"}
_OWN_KEYS = {"name", "contracts", "entities", "aggregations", "handlers", "python"}
_CONTRACT_KEYS = {"abi", "address", "start_block", "factory"}


def read_yaml(raw: bytes, *, where: str, folder: Path) -> Manifest:
    """Return the manifest of a YAML document.

    Args:
        raw: `use` and what belongs to it, or `name`, `contracts`, `entities`, `handlers`,
            perhaps `aggregations` and `python`.
        where: name of the file, for errors.
        folder: where relative paths start from.

    Raises:
        BadManifest: a key is missing or unknown, or a value of another type.
        BadContract, BadAbi, NoSuchEvent, BadEntity, BadAggregation: as in Python.
    """
    read = read_document(raw, where=where)
    if isinstance(read, dict) and "use" in read:
        made = _ready(mapping(read, where, _READY_KEYS), where)
        made.folder = folder
        return made
    if not isinstance(read, dict) or not {"name", "contracts", "entities", "handlers"} <= set(read):
        raise BadManifest(
            f"{where}: expected `use`, or name, contracts, entities and handlers",
            hint=f"use is one of {', '.join(READY)}",
        )
    return _own(mapping(read, where, _OWN_KEYS), where, folder)


def _ready(read: Any, where: str) -> Manifest:
    addresses = texts(read.get("address", []), f"{where}: address")
    use, name = str(read["use"]), str(read.get("name", read["use"]))
    return ready_made(use, addresses, name=name, start_block=_start(read, where))


def _own(read: Any, where: str, folder: Path) -> Manifest:
    manifest = Manifest(str(read["name"]), folder=folder)
    for name, written in mapping(read["contracts"], f"{where}: contracts", None).items():
        _contract(manifest, name, written, f"{where}: contracts.{name}")
    for name, written in mapping(read["entities"], f"{where}: entities", None).items():
        manifest.keep(written_entity(name, written, f"{where}: entities.{name}", more=frozenset()))
    for name, written in mapping(read.get("aggregations", {}), where, None).items():
        _aggregation(manifest, name, written, f"{where}: aggregations.{name}")
    functions = None
    if "python" in read:
        from diptych.index.manifest.loading import load_module

        functions = load_module(python_file(folder, read["python"], where))
    handlers = read["handlers"]
    if not isinstance(handlers, list) or not handlers:
        raise BadManifest(f"{where}: handlers: expected a list")
    for at, written in enumerate(handlers):
        add_handler(manifest, written, f"{where}: handlers[{at}]", functions)
    return manifest


def _contract(manifest: Manifest, name: str, written: object, where: str) -> Contract:
    given = mapping(written, where, _CONTRACT_KEYS)
    abi = given.get("abi")
    if not isinstance(abi, str | list):
        raise BadManifest(f"{where}.abi: expected a known name, a .json file, or signatures")
    factory = _factory(manifest, given["factory"], where) if "factory" in given else None
    return manifest.contract(
        name,
        abi=abi,
        address=texts(given.get("address", []), f"{where}.address"),
        start_block=_start(given, where),
        factory=factory,
    )


def _factory(manifest: Manifest, written: object, where: str) -> Factory:
    given = mapping(written, f"{where}.factory", {"contract", "event", "argument"})
    made_by = manifest.contracts.get(str(given.get("contract")))
    if made_by is None:
        raise BadManifest(
            f"{where}.factory: got contract '{given.get('contract')!s:.60}', expected one above it"
        )
    return Factory(made_by.events[str(given.get("event"))], str(given.get("argument")))


def _aggregation(manifest: Manifest, name: str, written: object, where: str) -> None:
    cls = written_entity(name, written, where, more=frozenset({"of", "every"}))
    given = mapping(written, where, None)
    of = manifest.classes.get(str(given.get("of")))
    if of is None:
        raise BadManifest(f"{where}: got of '{given.get('of')!s:.60}', expected an entity")
    every: Any = texts(given.get("every", ["hour", "day"]), f"{where}.every")
    manifest.aggregate(cls, of=of, every=every)


def _start(given: Any, where: str) -> int:
    start = given.get("start_block", 0)
    if type(start) is not int:
        raise BadManifest(f"{where}.start_block: got {start!r:.60}, expected a whole number")
    return start
