"""Which functions differ between two states of the same sources."""

from collections.abc import Iterator
from typing import NamedTuple

from diptych.audit.fingerprint import normalised
from diptych.audit.source.load import LoadedProgram
from diptych.audit.syntax.unit import Contract, Function
from diptych_verify.errors import JsonValue

__all__ = ["FunctionChange", "function_changes"]


class FunctionChange(NamedTuple):
    """A function that was added, removed or changed; comments and white space do not count."""

    path: str
    contract: str
    function: str
    change: str
    line: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return the change as plain data."""
        return {**self._asdict()}


def function_changes(before: LoadedProgram, after: LoadedProgram) -> tuple[FunctionChange, ...]:
    """Compare the functions of the scanned files of two programs, by path, contract and signature.

    Lines are those of the state that has the function: after, or before where it was removed.
    """
    old, new = dict(_functions(before)), dict(_functions(after))
    found: list[FunctionChange] = []
    for key in old.keys() | new.keys():
        was, now = old.get(key), new.get(key)
        if was is None and now is not None:
            found.append(FunctionChange(*key[:3], "added", now[1]))
        elif now is None and was is not None:
            found.append(FunctionChange(*key[:3], "removed", was[1]))
        elif was is not None and now is not None and was[0] != now[0]:
            found.append(FunctionChange(*key[:3], "changed", now[1]))
    return tuple(sorted(found, key=lambda one: (one.path, one.line, one.contract, one.function)))


def _functions(
    loaded: LoadedProgram,
) -> Iterator[tuple[tuple[str, str, str, int], tuple[bytes, int]]]:
    scanned = frozenset(loaded.scanned)
    seen: dict[tuple[str, str, str], int] = {}
    for unit in loaded.program.units:
        if unit.path not in scanned:
            continue
        text, shift = loaded.texts[unit.path], unit.tree.shift
        for contract in (*unit.tree.contracts, unit.tree.free):
            for function in contract.functions:
                start, end = max(0, function.start - shift), max(0, function.end - shift)
                name = _signature(text.data, function, shift)
                key = (unit.path, _name(contract), name)
                seen[key] = seen.get(key, -1) + 1
                code = normalised(text.data[start:end], unit.path)
                yield (*key, seen[key]), (code, text.position(start)[0])


def _name(contract: Contract) -> str:
    return contract.name


def _signature(data: bytes, function: Function, shift: int) -> str:
    """Return name and types as they are written; overloads are told apart by them."""
    types: list[str] = []
    for parameter in function.parameters:
        written = parameter.type
        if written is None:
            types.append("")
        else:
            raw = data[max(0, written.start - shift) : max(0, written.end - shift)]
            types.append(normalised(raw).decode("utf-8", "replace"))
    return f"{function.name or function.kind}({','.join(types)})"
