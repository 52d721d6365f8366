"""Compiled contracts as they are committed: ABI, code, compiler, sources, gas.

`contracts/build.py` writes them and notes the digest of each file in `pins`, so that a changed file
is noticed before its code is sent anywhere.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from diptych.contracts.pins import ARTEFACTS
from diptych.core.digests import same_digest
from diptych.core.errors import ContractError, JsonValue, UsageError

AbiItem = Mapping[str, JsonValue]
FORMAT = "diptych-contract/1"


class UnknownContract(UsageError):
    """No contract of that name is shipped."""

    code = "Contract.Unknown"


class ArtefactDamaged(ContractError):
    """A committed artefact is missing or is not the file that was released."""

    code = "Contract.ArtefactDamaged"


@dataclass(frozen=True)
class Artefact:
    """One compiled contract.

    Attributes:
        name: the contract's name.
        abi: Solidity JSON ABI.
        creation: init code; our contracts take no constructor arguments.
        runtime: code that stands on the chain.
        compiler: exact version of solc.
        compiler_input: standard JSON input with all sources and settings.
        source_sha256: hex SHA-256 of the sources' canonical JSON.
        gas: measured gas of whole transactions, by operation.
    """

    name: str
    abi: Sequence[AbiItem]
    creation: bytes
    runtime: bytes
    compiler: str
    compiler_input: Mapping[str, JsonValue]
    source_sha256: str
    gas: Mapping[str, int]


def contract_names() -> tuple[str, ...]:
    """Return the names of all shipped contracts, sorted."""
    return tuple(sorted(ARTEFACTS))


def load_artefact(name: str) -> Artefact:
    """Return a shipped contract after checking its file's digest.

    Raises:
        UnknownContract: there is none of that name.
        ArtefactDamaged: the file is missing or was changed.
    """
    if name not in ARTEFACTS:
        known = ", ".join(contract_names())
        raise UnknownContract(f"got contract '{name}', expected one of: {known}")
    try:
        raw = files("diptych.contracts").joinpath("artefacts", f"{name}.json").read_bytes()
    except OSError as error:
        raise _damaged(name, "no readable file") from error
    return parse_artefact(name, raw, expected_sha256=ARTEFACTS[name])


@cache
def parse_artefact(name: str, raw: bytes, *, expected_sha256: str) -> Artefact:
    """Return the artefact in `raw` if its SHA-256 is the expected one.

    Raises:
        ArtefactDamaged: it is not.
    """
    got = hashlib.sha256(raw).hexdigest()
    if not same_digest(got.encode(), expected_sha256.encode()):
        raise _damaged(name, f"sha256 {got}", f"sha256 {expected_sha256}")
    fields = json.loads(raw)
    return Artefact(
        name=fields["name"],
        abi=tuple(fields["abi"]),
        creation=bytes.fromhex(fields["creation"].removeprefix("0x")),
        runtime=bytes.fromhex(fields["runtime"].removeprefix("0x")),
        compiler=fields["compiler"],
        compiler_input=fields["input"],
        source_sha256=fields["source_sha256"],
        gas=fields["gas"],
    )


def known_abis() -> dict[str, Sequence[AbiItem]]:
    """Return the ABI of every shipped contract by name, for naming the rules in reverts.

    A rule that two contracts share is named after the first one: that is Registry, not Identity.
    """
    names = sorted(contract_names(), key=lambda name: name == "Identity")
    return {name: load_artefact(name).abi for name in names}


def _damaged(name: str, got: str, expected: str = "the released file") -> ArtefactDamaged:
    return ArtefactDamaged(
        f"artefact {name}: got {got}, expected {expected}",
        hint="pip install --force-reinstall diptych",
    )
