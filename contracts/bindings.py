"""Write the typed Python module of a contract from its ABI and its comments."""

import keyword
import re
import textwrap
from collections.abc import Iterator

from eth_hash.auto import keccak

MAX_POSITIONAL = 4
MAX_LINES = 285
HEADER = '''"""Typed calls, answers and events of the {name} contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from diptych.contracts.abi import decode_topics, decode_words, encode_call
'''


def binding_sources(name: str, contract: dict, inherited: list[dict]) -> dict[str, str]:
    """Return the modules that bind one contract, by file stem; events stand apart from calls.

    Args:
        name: of the contract.
        contract: compiler output.
        inherited: ABI of a base contract that has a module of its own.
    """
    base = [_key(item) for item in inherited]
    own = [item for item in _named(contract["abi"]) if _key(item) not in base]
    userdoc = contract["userdoc"]
    calls = [
        part for item in own if item["type"] == "function" for part in _function(item, userdoc)
    ]
    events = [_event(item, userdoc) for item in own if item["type"] == "event"]
    header, stem = HEADER.format(name=name), _snake(name)
    whole = "\n\n".join([header, *events, *calls])
    if whole.count("\n") <= MAX_LINES:
        return {stem: whole}
    return {
        stem: "\n\n".join([header, *calls]),
        f"{stem}_events": "\n\n".join([header, *events]),
    }


def _key(item: dict) -> tuple[str, str]:
    return item["type"], _signature(item) if "name" in item else ""


def _named(abi: list[dict]) -> Iterator[dict]:
    """Yield the ABI in a fixed order; an overload is named after the parameters it has more."""
    seen: dict[str, list[str]] = {}
    for item in sorted(abi, key=lambda one: (one["type"], one.get("name", ""), len(str(one)))):
        name = item.get("name", "")
        parameters = [one["name"] for one in item.get("inputs", [])]
        more = [one for one in parameters if one not in seen[name]] if name in seen else []
        if item["type"] == "function":
            seen.setdefault(name, parameters)
        suffix = "".join(f"{one[0].upper()}{one[1:]}" for one in more)
        yield {**item, "python": f"{name}With{suffix}" if more else name}


def _function(item: dict, userdoc: dict) -> Iterator[str]:
    signature = _signature(item)
    notice = _notice(userdoc["methods"].get(signature))
    name = _snake(item["python"])
    parameters = ", ".join(f"{_name(i)}: {_type(i)}" for i in item["inputs"])
    values = _tuple([_name(i) for i in item["inputs"]])
    selector = keccak(signature.encode())[:4].hex()
    if len(item["inputs"]) > MAX_POSITIONAL:
        parameters = f"*, {parameters}"
    yield f'''def encode_{name}({parameters}) -> bytes:
    """{_docstring(f"Call data of `{signature}`: {notice}", 4)}"""
    return encode_call("{selector}", {_types(item["inputs"])}, {values})
'''
    if item["outputs"]:
        yield from _answer(item)


def _answer(item: dict) -> Iterator[str]:
    name, outputs = item["python"], item["outputs"]
    decode = f'decode_words({_types(outputs)}, data, what="{name}")'
    if len(outputs) == 1:
        yield f'''def decode_{_snake(name)}(data: bytes) -> {_type(outputs[0])}:
    """Answer of `{name}`."""
    value: {_type(outputs[0])}
    (value,) = {decode}
    return value
'''
        return
    kind = f"{name[0].upper()}{name[1:]}Answer"
    yield f'''@dataclass(frozen=True)
class {kind}:
    """Answer of `{name}`."""

{_fields(outputs)}
'''
    yield f'''def decode_{_snake(name)}(data: bytes) -> {kind}:
    """Answer of `{name}`."""
    return {kind}(*{decode})
'''


def _event(item: dict, userdoc: dict) -> str:
    name, signature = item["name"], _signature(item)
    notice = _notice(userdoc.get("events", {}).get(signature))
    # The topic of an indexed text or list is its hash.
    indexed = [_hashed(one) for one in item["inputs"] if one["indexed"]]
    others = [one for one in item["inputs"] if not one["indexed"]]
    words = f', *decode_words({_types(others)}, data, what="event {name}")' if others else ""
    ignore = "" if others else "        del data\n"
    return f'''@dataclass(frozen=True)
class {name}:
    """{_docstring(f"Event `{signature}`: {notice}", 4)}"""

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "{keccak(signature.encode()).hex()}"
    )
{_fields(indexed + others)}

    @classmethod
    def parse(cls, topics: Sequence[bytes], data: bytes) -> "{name}":
        """Read the event from a log entry.

        Raises:
            MalformedReturn: another event.
        """
{ignore}        return cls(
            *decode_topics("{name}", cls.TOPIC, topics, {_types(indexed)}){words}
        )
'''


def _hashed(item: dict) -> dict:
    dynamic = item["type"] in ("string", "bytes") or item["type"].endswith("]")
    return {**item, "type": "bytes32"} if dynamic else item


def _abi_type(item: dict) -> str:
    """Return the canonical type: a tuple is written out."""
    kind: str = item["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(_abi_type, item['components']))}){kind.removeprefix('tuple')}"


def _fields(items: list[dict]) -> str:
    return "\n".join(f"    {_name(i)}: {_type(i)}" for i in items)


def _signature(item: dict) -> str:
    return f"{item['name']}({','.join(map(_abi_type, item['inputs']))})"


def _types(items: list[dict]) -> str:
    return _tuple([f'"{_abi_type(one)}"' for one in items])


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _type(item: dict) -> str:
    kind = item["type"]
    if kind.endswith("[]"):
        return f"Sequence[{_type({**item, 'type': kind[:-2]})}]"
    if kind == "tuple":
        return f"tuple[{', '.join(map(_type, item['components']))}]"
    if kind.startswith("bytes"):
        return "bytes"
    return {"address": "str", "bool": "bool", "string": "str"}.get(kind, "int")


def _name(item: dict) -> str:
    name = _snake(item["name"] or "value")
    return f"{name}_" if keyword.iskeyword(name) or name == "id" else name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _notice(entry: dict | list | None) -> str:
    found = entry[0] if isinstance(entry, list) else entry or {}
    return found.get("notice", "").strip()


def _docstring(text: str, indent: int) -> str:
    """Wrap to a one-line summary and, where there is more, a paragraph."""
    text = f"{text[:-2]}." if text.endswith(": ") else text
    if len(text) + indent + 6 <= 100:
        return text
    summary, _, rest = text.partition(": ")
    body = textwrap.fill(rest[0].upper() + rest[1:], 96 - indent)
    return f"{summary}.\n\n{textwrap.indent(body, ' ' * indent)}\n{' ' * indent}"
