"""Recompile what is shipped from the sources inside it, and compare byte for byte."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diptych.contracts.artefact import Artefact, contract_names, load_artefact
from diptych.contracts.compiler import Compiler
from diptych.core.canonical import canonical_json
from diptych.core.errors import ContractError, JsonValue


class NotReproducible(ContractError):
    """Recompiling the sources gives other code or another ABI than the artefact holds."""

    code = "Contract.NotReproducible"


@dataclass(frozen=True)
class VerifiedContract:
    """A contract whose code follows from its sources.

    Attributes:
        name: the contract.
        compiler: exact version of solc.
        source_sha256: hex SHA-256 of the sources' canonical JSON.
        runtime_bytes: length of the code.
    """

    name: str
    compiler: str
    source_sha256: str
    runtime_bytes: int


def verify_contracts(
    compiler: Compiler, names: Sequence[str] | None = None
) -> tuple[VerifiedContract, ...]:
    """Recompile contracts and compare ABI, init code and runtime code.

    Args:
        compiler: from `find_compiler`.
        names: contracts, default all that are shipped.

    Raises:
        NotReproducible: something differs; names what.
        CompileFailed: the sources do not compile.
        ArtefactDamaged: an artefact is not the released file.
    """
    chosen = contract_names() if names is None else names
    return tuple(verify_artefact(compiler, load_artefact(name)) for name in chosen)


def verify_artefact(compiler: Compiler, artefact: Artefact) -> VerifiedContract:
    """Recompile one artefact's own input and compare.

    Raises:
        NotReproducible: something differs; names what.
        CompileFailed: the sources do not compile.
    """
    output = compiler.compile(artefact.compiler_input)
    contract = _contract(output, artefact.name)
    sources = artefact.compiler_input["sources"]
    pairs: dict[str, tuple[object, object]] = {
        "ABI": (contract.get("abi"), list(artefact.abi)),
        "init code": (_object(contract, "bytecode"), artefact.creation.hex()),
        "runtime code": (_object(contract, "deployedBytecode"), artefact.runtime.hex()),
        "source digest": (
            hashlib.sha256(canonical_json(sources)).hexdigest(),
            artefact.source_sha256,
        ),
    }
    for what, (got, expected) in pairs.items():
        if got != expected:
            raise NotReproducible(
                f"{artefact.name}: recompiling gives another {what}: "
                f"got {_shown(got)}, expected {_shown(expected)}",
                hint="the shipped code is not what its sources say; do not deploy it",
                contract=artefact.name,
                part=what,
            )
    return VerifiedContract(
        artefact.name, artefact.compiler, artefact.source_sha256, len(artefact.runtime)
    )


def _contract(output: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    return _object_at(output, ("contracts", f"src/{name}.sol", name))


def _object(contract: Mapping[str, JsonValue], part: str) -> JsonValue:
    return _object_at(contract, ("evm", part)).get("object")


def _object_at(value: Mapping[str, JsonValue], path: Sequence[str]) -> Mapping[str, JsonValue]:
    for step in path:
        inner = value.get(step)
        value = inner if isinstance(inner, dict) else {}
    return value


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:40]}... ({len(text)} characters)"
