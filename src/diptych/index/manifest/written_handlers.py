"""Handlers as manifests in YAML write them: rows of expressions, or functions of a Python file."""

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from diptych.core.canonical import canonical_json
from diptych.index.manifest.contract import Subject
from diptych.index.manifest.entity import entity_of
from diptych.index.manifest.expressions import Value, condition, expression
from diptych.index.manifest.handlers import Delete, EventRow, Handler, Read
from diptych.index.manifest.manifest import BadManifest, Manifest
from diptych.index.manifest.written_entities import mapping, texts

_ROW_KEYS = {"entity", "set", "delete", "when"}
_Make = Callable[[EventRow], object]


def add_handler(manifest: Manifest, written: object, where: str, functions: Any) -> None:
    """Add one entry of `handlers` to a manifest.

    Args:
        manifest: with its contracts and entities.
        written: `on`, and either `rows`, or `call` and perhaps `batch`.
        where: for messages.
        functions: module that `call` names a function of, None without one.

    Raises:
        BadManifest: it names what is not there, or a value of another type.
        NoSuchEvent: the contract has no such event.
    """
    given = mapping(written, where, {"on", "rows", "call", "batch"})
    subjects = tuple(_subject(manifest, one, where) for one in texts(given.get("on", []), where))
    if not subjects or ("rows" in given) == ("call" in given):
        raise BadManifest(f"{where}: expected `on`, and either rows or call")
    if "call" in given:
        manifest.register(_function(manifest, given, subjects, functions))
        return
    rows = given["rows"]
    if not isinstance(rows, list) or not rows:
        raise BadManifest(f"{where}.rows: expected a list of rows")
    shared = frozenset.intersection(*(frozenset(one.event.columns) for one in subjects))
    made = [_row(manifest, row, shared, f"{where}.rows[{at}]") for at, row in enumerate(rows)]
    name = " and ".join(map(str, subjects))
    # The functions are the same for any rows, so what was written counts in the digest.
    text = canonical_json(rows).decode()
    manifest.register(Handler(name, subjects, by_row=_yielding(made), text=text))


def _subject(manifest: Manifest, written: str, where: str) -> Subject:
    name, _, event = written.partition(".")
    found = manifest.contracts.get(name)
    if found is None or not event:
        known = ", ".join(manifest.contracts) or "none"
        raise BadManifest(
            f"{where}.on: got '{written[:60]}', expected CONTRACT.EVENT of contracts {known}"
        )
    return found.events[event]


def _yielding(rows: list[tuple[Value | None, _Make]]) -> Callable[..., Iterator[object]]:
    def yielded(event: EventRow, read: Read) -> Iterator[object]:
        for when, make in rows:
            if when is None or when(event):
                yield make(event)

    return yielded


def _row(
    manifest: Manifest, written: object, arguments: frozenset[str], where: str
) -> tuple[Value | None, _Make]:
    given = mapping(written, where, _ROW_KEYS)
    cls = manifest.classes.get(str(given.get("entity")))
    if cls is None:
        known = ", ".join(manifest.classes) or "none"
        raise BadManifest(f"{where}: got entity '{given.get('entity')!s:.60}', expected {known}")
    if ("set" in given) == ("delete" in given):
        raise BadManifest(f"{where}: expected either set or delete")
    when = condition(given["when"], arguments, f"{where}.when") if "when" in given else None
    make = _set if "set" in given else _delete
    return when, make(cls, given.get("set", given.get("delete")), arguments, where)


def _set(cls: type, written: object, arguments: frozenset[str], where: str) -> _Make:
    made = entity_of(cls)
    given = mapping(written, f"{where}.set", {one.name for one in made.fields})
    absent = [one.name for one in made.fields if one.name not in given and not one.nullable]
    if absent:
        raise BadManifest(f"{where}.set: '{absent[0]}' of {made.name} is missing")
    values = {
        one.name: expression(given.get(one.name), arguments, f"{where}.set.{one.name}")
        for one in made.fields
    }
    return lambda event: cls(**{name: value(event) for name, value in values.items()})


def _delete(cls: type, written: object, arguments: frozenset[str], where: str) -> _Make:
    keys = entity_of(cls).keys
    given = mapping(written, f"{where}.delete", set(keys))
    if len(given) != len(keys):
        raise BadManifest(f"{where}.delete: expected the key: {', '.join(keys)}")
    values = [expression(given[one], arguments, f"{where}.delete.{one}") for one in keys]
    return lambda event: Delete(cls, tuple(value(event) for value in values))


def _function(
    manifest: Manifest, given: Any, subjects: tuple[Subject, ...], functions: Any
) -> Handler:
    name = given["call"]
    function = getattr(functions, name, None) if isinstance(name, str) else None
    if not callable(function):
        raise BadManifest(f"call: got '{name!s:.60}', expected a function of the file in `python`")
    if given.get("batch", False) is True:
        batches = _batches(manifest, function)
        return Handler(str(name), subjects, by_batch=functools.wraps(function)(batches))
    rows = _rows(manifest, function)
    return Handler(str(name), subjects, by_row=functools.wraps(function)(rows))


def _rows(manifest: Manifest, function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function yield and look up rows by name: `("Balance", {"account": ...})`."""

    def yielded(event: EventRow, read: Read) -> Iterator[object]:
        def look_up(name: str, *key: object) -> Any:
            return read(manifest.classes[name], *key)

        for name, values in function(event, look_up) or ():
            yield manifest.classes[name](**values)

    return yielded


def _batches(manifest: Manifest, function: Callable[..., Any]) -> Callable[..., Any]:
    def returned(events: Any) -> Mapping[type, object]:
        return {manifest.classes[name]: table for name, table in function(events).items()}

    return returned


def python_file(folder: Path, name: object, where: str) -> Path:
    """Return the path of the file in `python`, beside the manifest.

    Raises:
        BadManifest: it is no name of a file beside it.
    """
    path = folder / str(name)
    if not isinstance(name, str) or path.suffix != ".py" or path.parent != folder:
        raise BadManifest(f"{where}.python: got '{name!s:.60}', expected a .py file beside it")
    return path
