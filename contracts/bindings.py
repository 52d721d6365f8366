"""Write the typed Python module of a contract from its ABI and its comments."""

import keyword
import re
import textwrap
from collections.abc import Iterator

from eth_hash.auto import keccak

MAX_POSITIONAL = 4
HEADER = '''"""Typed calls, answers and events of the {name} contract.

Written by contracts/build.py from the ABI; change the contract instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from diptych.contracts.abi import decode_topics, decode_words, encode_call
'''


def binding_source(name: str, contract: dict) -> str:
    """Return the source of the module that binds one contract."""
    parts = [HEADER.format(name=name)]
    for item in sorted(contract["abi"], key=lambda entry: (entry["type"], entry.get("name", ""))):
        if item["type"] == "function":
            parts += _function(item, contract["userdoc"])
        elif item["type"] == "event":
            parts.append(_event(item, contract["userdoc"]))
    return "\n\n".join(parts)


def _function(item: dict, userdoc: dict) -> Iterator[str]:
    signature = _signature(item)
    notice = _notice(userdoc["methods"].get(signature))
    parameters = ", ".join(f"{_name(i)}: {_type(i)}" for i in item["inputs"])
    values = _tuple([_name(i) for i in item["inputs"]])
    selector = keccak(signature.encode())[:4].hex()
    if len(item["inputs"]) > MAX_POSITIONAL:
        parameters = f"*, {parameters}"
    yield f'''def encode_{_snake(item["name"])}({parameters}) -> bytes:
    """{_docstring(f"Call data of `{signature}`: {notice}", 4)}"""
    return encode_call("{selector}", {_types(item["inputs"])}, {values})
'''
    if item["outputs"]:
        yield from _answer(item)


def _answer(item: dict) -> Iterator[str]:
    name, outputs = item["name"], item["outputs"]
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
    indexed = [i for i in item["inputs"] if i["indexed"]]
    others = [i for i in item["inputs"] if not i["indexed"]]
    words = f', *decode_words({_types(others)}, data, what="event {name}")' if others else ""
    # Indexed parameters come first in every event of ours, so that the fields keep their order.
    if item["inputs"] != indexed + others:
        raise ValueError(f"event {name}: indexed parameters must come first")
    ignore = "" if others else "        del data\n"
    return f'''@dataclass(frozen=True)
class {name}:
    """{_docstring(f"Event `{signature}`: {notice}", 4)}"""

    TOPIC: ClassVar[bytes] = bytes.fromhex(
        "{keccak(signature.encode()).hex()}"
    )
{_fields(item["inputs"])}

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


def _fields(items: list[dict]) -> str:
    return "\n".join(f"    {_name(i)}: {_type(i)}" for i in items)


def _signature(item: dict) -> str:
    return f"{item['name']}({','.join(i['type'] for i in item['inputs'])})"


def _types(items: list[dict]) -> str:
    return _tuple([f'"{i["type"]}"' for i in items])


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _type(item: dict) -> str:
    kind = item["type"]
    if kind.endswith("[]"):
        return f"Sequence[{_type({'type': kind[:-2]})}]"
    if kind.startswith("bytes"):
        return "bytes"
    return {"address": "str", "bool": "bool", "string": "str"}.get(kind, "int")


def _name(item: dict) -> str:
    name = _snake(item["name"] or "value")
    return f"{name}_" if keyword.iskeyword(name) or name == "id" else name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda match: "_" + match[0].lower(), name)


def _notice(entry: dict | list | None) -> str:
    found = entry[0] if isinstance(entry, list) else entry or {}
    return found.get("notice", "").strip()


def _docstring(text: str, indent: int) -> str:
    """Wrap to a one-line summary and, where there is more, a paragraph."""
    if len(text) + indent + 6 <= 100:
        return text
    summary, _, rest = text.partition(": ")
    body = textwrap.fill(rest[0].upper() + rest[1:], 96 - indent)
    return f"{summary}.\n\n{textwrap.indent(body, ' ' * indent)}\n{' ' * indent}"
