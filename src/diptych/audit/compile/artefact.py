"""What a compiler answers, read as a stranger's data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Compiled", "CompiledContract", "read_output"]


@dataclass(frozen=True)
class CompiledContract:
    """One contract.

    Attributes:
        source: name of its source.
        name: its name.
        abi: functions, events and errors, as the compiler writes them.
        creation: creation bytecode in hex; empty where it cannot be deployed.
        runtime: runtime bytecode in hex.
        selectors: 4-byte selectors (hex) by signature.
        layout: `storageLayout`, empty before Solidity 0.5.13.
    """

    source: str
    name: str
    abi: tuple[dict[str, Any], ...]
    creation: str
    runtime: str
    selectors: dict[str, str]
    layout: dict[str, Any]

    @property
    def deployable(self) -> bool:
        """Whether it has code, and no library left to link."""
        return bool(self.creation) and "_" not in self.creation

    @property
    def events(self) -> frozenset[str]:
        """Its events, each with its types and what is indexed."""
        return frozenset(
            _signature(each) + (" anonymous" if each.get("anonymous") else "")
            for each in self.abi
            if each.get("type") == "event"
        )


@dataclass(frozen=True)
class Compiled:
    """One compilation that went well.

    Attributes:
        version: of the compiler.
        contracts: by (source, name).
        asts: the compiler's syntax trees by source, if they were asked for.
    """

    version: str
    contracts: dict[tuple[str, str], CompiledContract]
    asts: dict[str, Any]


def read_output(version: str, output: Mapping[str, Any]) -> Compiled:
    """Read a standard-JSON answer without errors; parts of another shape are passed over."""
    contracts = {
        (source, name): _contract(source, name, fields)
        for source, found in _mapping(output.get("contracts")).items()
        for name, fields in _mapping(found).items()
    }
    sources = _mapping(output.get("sources")).items()
    asts = {name: fields.get("ast") for name, fields in sources if isinstance(fields, dict)}
    return Compiled(version, contracts, {name: ast for name, ast in asts.items() if ast})


def problems(output: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors in an answer."""
    for each in output.get("errors", ()):
        if isinstance(each, dict) and each.get("severity") == "error":
            yield str(each.get("formattedMessage") or each.get("message"))[:600].strip()


def _contract(source: str, name: str, fields: Any) -> CompiledContract:
    evm = _mapping(_mapping(fields).get("evm"))
    abi = _mapping(fields).get("abi")
    return CompiledContract(
        source=source,
        name=name,
        abi=tuple(each for each in abi if isinstance(each, dict)) if isinstance(abi, list) else (),
        creation=str(_mapping(evm.get("bytecode")).get("object") or ""),
        runtime=str(_mapping(evm.get("deployedBytecode")).get("object") or ""),
        selectors={k: str(v) for k, v in _mapping(evm.get("methodIdentifiers")).items()},
        layout=_mapping(_mapping(fields).get("storageLayout")),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _signature(event: dict[str, Any]) -> str:
    parts = (
        f"{each.get('type')}{' indexed' if each.get('indexed') else ''}"
        for each in event.get("inputs", ())
    )
    return f"{event.get('name')}({','.join(parts)})"
