"""The text of a new manifest, in Python or YAML: to run as it is, and to change. Pure."""

import json
import keyword
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diptych.index.abi import Abi, Event
from diptych.index.abi.types import Blob, Elementary, Shape

_LONGEST = 50
_TAKEN = {"id", "timestamp", "contract", "transaction", "args", "and", "or"}
_NAMES = {
    *("Manifest", "entity", "kinds", "manifest", "contract", "event", "read"),
    *("Query", "Subscription", "BigInt", "Bytes", "Int8", "ID", "String", "Int", "Float"),
    *("Boolean", "OrderDirection", "None", "True", "False"),
}
_SMALL_BITS = {"uint": 63, "int": 64}
_PYTHON = {"text": "str", "bool": "bool", "int": "int"}


class Start(NamedTuple):
    """What a new manifest is about.

    Attributes:
        name: of the manifest.
        addresses: 0x text; empty for any contract.
        use: ready-made manifest, None to write out each event.
        abi: events, for the second.
        note: a line for a comment.
    """

    name: str
    addresses: Sequence[str]
    use: str | None
    abi: Abi = Abi(())
    note: str = ""


class _Column(NamedTuple):
    field: str
    kind: str
    argument: str


class _Table(NamedTuple):
    name: str
    event: Event
    columns: list[_Column]
    left_out: list[str]
    subject: str


def python_text(start: Start) -> str:
    """Return a manifest in Python."""
    head = (
        f'"""What to index. Run it: diptych index run {start.name}.py\n\n{_about(start)}\n"""\n\n'
    )
    if start.use is not None:
        return head + (
            "from diptych.index.manifest.ready import ready_made\n\n"
            "# A first block that is not 0 spares looking at earlier ones.\n"
            f"manifest = ready_made(\n    {start.use!r},\n    {list(start.addresses)!r},\n"
            f"    name={start.name!r},\n    start_block=0,\n)\n"
        ).replace("'", '"')
    tables = list(_tables(start.abi))
    parts = [head, "from diptych.index import Manifest, entity, kinds\n"]
    parts += [_class(one) for one in tables]
    signatures = "".join(f"        {json.dumps(one.event.declaration)},\n" for one in tables)
    parts.append(
        f"\n\nmanifest = Manifest(\n    {json.dumps(start.name)},\n"
        f"    entities=[{', '.join(one.name for one in tables)}],\n)\n"
        f'contract = manifest.contract(\n    "Contract",\n    abi=[\n{signatures}    ],\n'
        f"    address={json.dumps(list(start.addresses))},\n"
        "    start_block=0,  # the block that made it spares looking at earlier ones\n)\n"
    )
    parts += [_function(one) for one in tables]
    return "".join(parts)


def yaml_text(start: Start) -> str:
    """Return a manifest in YAML."""
    lines = [f"# What to index. Run it: diptych index run {start.name}.yaml"]
    lines += [f"# {_about(start)}", f"name: {start.name}"]
    addresses = f"[{', '.join(json.dumps(one) for one in start.addresses)}]"
    first = "start_block: 0  # the block that made it spares looking at earlier ones"
    if start.use is not None:
        return "\n".join([*lines, f"use: {start.use}", f"address: {addresses}", first, ""])
    tables = list(_tables(start.abi))
    lines += ["contracts:", "  Contract:", "    abi:"]
    lines += [f"      - {json.dumps(one.event.declaration)}" for one in tables]
    lines += [f"    address: {addresses}", f"    {first}", "entities:"]
    for one in tables:
        lines += [f"  {one.name}:", "    immutable: true", "    fields:"]
        lines += [f"      {name}: {kind}" for name, kind, _ in _all_columns(one)]
        lines += [f"      # left out: {', '.join(one.left_out)}"] if one.left_out else []
    lines.append("handlers:")
    for one in tables:
        lines += [f"  - on: {json.dumps('Contract.' + one.subject)}", "    rows:"]
        lines += [f"      - entity: {one.name}", "        set:"]
        lines += [f"          {name}: {value}" for name, _, value in _all_columns(one)]
    return "\n".join([*lines, ""])


def _about(start: Start) -> str:
    where = ", ".join(start.addresses) or "any contract"
    what = f"The ready-made manifest {start.use}" if start.use else "One table for each event"
    return f"{what} of {where}. {start.note}".rstrip()


def _tables(abi: Abi) -> Iterator[_Table]:
    taken: set[str] = set()
    for event in abi.events:
        name = _unique(_class_name(event.name), taken)
        columns, left_out = [], []
        fields: set[str] = set()
        for argument, one in zip(event.columns, event.inputs, strict=True):
            kind = "hash" if one.hashed else _kind(one.shape)
            if kind is None:
                left_out.append(f"{argument} ({one.type})")
                continue
            field = _unique(_field_name(argument), fields)
            columns.append(_Column(field, kind, argument))
        # Two events may differ in what is indexed alone.
        alike = len(abi.named(event.signature)) > 1
        subject = event.declaration if alike else event.signature
        yield _Table(name, event, columns, left_out, subject)


def _kind(shape: Shape) -> str | None:
    """Return the type of field that holds a value; None for arrays and structs."""
    if isinstance(shape, Blob):
        return "text" if shape.text == "string" else "bytes"
    if not isinstance(shape, Elementary):
        return None
    found = re.fullmatch(r"(uint|int)(\d+)", shape.text)
    if found is not None:
        small = int(found[2]) <= _SMALL_BITS[found[1]]
        return "int" if small else f"{found[1]}256"
    return {"address": "address", "bool": "bool", "bytes32": "hash"}.get(shape.text, "bytes")


def _all_columns(table: _Table) -> list[tuple[str, str, str]]:
    """Return name, type and expression of each field."""
    return [
        ("id", "text", "id"),
        ("timestamp", "int", "timestamp"),
        ("contract", "address", "address"),
        *((one.field, one.kind, f"args.{one.argument}") for one in table.columns),
        ("transaction", "hash", "transaction"),
    ]


def _class(table: _Table) -> str:
    lines = ["\n\n@entity(immutable=True)\n", f"class {table.name}:\n"]
    for name, kind, _ in _all_columns(table):
        shown = _PYTHON.get(kind) or "kinds." + kind.capitalize()
        lines.append(f"    {name}: {shown}\n")
    if table.left_out:
        lines.append(f"    # left out: {', '.join(table.left_out)}\n")
    return "".join(lines)


def _function(table: _Table) -> str:
    event = {"address": "event.address", "transaction": "event.transaction"}
    event |= {"id": "event.id", "timestamp": "event.timestamp"}
    values = {one.field: f"event.args[{json.dumps(one.argument)}]" for one in table.columns}
    lines = [f"\n\n@manifest.on(contract.events[{json.dumps(table.subject)}])\n"]
    lines.append(f"def on_{_snake(table.name)}(event, read):\n    yield {table.name}(\n")
    for name, _, value in _all_columns(table):
        lines.append(f"        {name}={values.get(name) or event[value]},\n")
    return "".join([*lines, "    )\n"])


def _class_name(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]", "", name)[:_LONGEST] or "Event"
    plain = plain[0].upper() + plain[1:] if plain[0].isalpha() else f"Event{plain}"
    return f"{plain}Event" if plain in _NAMES or keyword.iskeyword(plain) else plain


def _field_name(name: str) -> str:
    plain = _snake(re.sub(r"[^A-Za-z0-9_]", "", name).strip("_"))[:_LONGEST] or "value"
    plain = plain if plain[0].isalpha() else f"value{plain}"
    return f"{plain}_value" if plain in _TAKEN or keyword.iskeyword(plain) else plain


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _unique(name: str, taken: set[str]) -> str:
    made, count = name, 1
    while made.lower() in taken:
        count += 1
        made = f"{name}{count}"
    taken.add(made.lower())
    return made
