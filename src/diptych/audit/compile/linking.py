"""Links contracts to their libraries, which stand at addresses that follow from their code."""

import hashlib
from dataclasses import replace

from eth_hash.auto import keccak

from diptych.audit.compile.artefact import Compiled, CompiledContract

__all__ = ["linked"]

_MAX_DEPTH = 8
_WIDTH = 40  # hex digits of an address, and of the place that the compiler keeps for one


def linked(compiled: Compiled) -> tuple[Compiled, dict[str, str]]:
    """Put addresses in the places that a compiler keeps for those of libraries.

    Returns:
        The contracts with their code complete, and runtime code in hex by address. Code that
        needs a library which is not there keeps its gaps.
    """
    linker = _Linker(compiled)
    contracts = {
        key: replace(
            each,
            creation=linker.filled(each.creation),
            runtime=linker.filled(each.runtime),
        )
        for key, each in compiled.contracts.items()
    }
    return replace(compiled, contracts=contracts), linker.libraries


class _Linker:
    def __init__(self, compiled: Compiled) -> None:
        self.libraries: dict[str, str] = {}
        self._places = {
            place: each
            for each in compiled.contracts.values()
            if each.runtime
            for place in _places(each)
        }

    def filled(self, code: str, depth: int = 0) -> str:
        if "_" not in code or depth > _MAX_DEPTH:
            return code
        for place, library in self._places.items():
            if place in code:
                code = code.replace(place, self._address(library, depth))
        return code

    def _address(self, library: CompiledContract, depth: int) -> str:
        runtime = self.filled(library.runtime, depth + 1)
        if "_" in runtime:
            return "_" * _WIDTH
        name = f"{library.source}:{library.name}:{runtime}"
        address = hashlib.sha256(name.encode()).hexdigest()[:_WIDTH]
        self.libraries[f"0x{address}"] = runtime
        return address


def _places(library: CompiledContract) -> tuple[str, str]:
    """Return how compilers since 0.5 and before write the place of a library's address."""
    full = f"{library.source}:{library.name}"
    digest = bytes(keccak(full.encode())).hex()[: _WIDTH - 6]
    return f"__${digest}$__", f"__{full[: _WIDTH - 4]}".ljust(_WIDTH, "_")
