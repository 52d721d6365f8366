"""Recompiling gives what is shipped, byte for byte; anything else is named."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from diptych.contracts import contract_names, find_compiler, load_artefact, verify_contracts
from diptych.contracts.compiler import CompileFailed, Compiler
from diptych.contracts.verify import NotReproducible, verify_artefact

ROOT = Path(__file__).resolve().parents[3]
SOLJSON = ROOT / "contracts/node_modules/solc/soljson.js"
ANCHOR = load_artefact("Anchor")


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return find_compiler(SOLJSON)


def test_every_contract_is_reproduced(compiler: Compiler) -> None:
    verified = verify_contracts(compiler)
    assert [one.name for one in verified] == list(contract_names())
    assert verified[0].runtime_bytes == len(ANCHOR.runtime)
    assert verified[0].compiler == "0.8.34"


def _with_source(old: str, new: str) -> Mapping[str, Any]:
    given: Any = ANCHOR.compiler_input
    text = given["sources"]["src/Anchor.sol"]["content"]
    assert old in text
    sources = {**given["sources"], "src/Anchor.sol": {"content": text.replace(old, new)}}
    return {**given, "sources": sources}


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("init code", {"creation": ANCHOR.creation[:-1] + b"\x00"}),
        ("runtime code", {"runtime": ANCHOR.runtime + b"\x00"}),
        ("ABI", {"abi": ANCHOR.abi[1:]}),
        ("source digest", {"source_sha256": "00" * 32}),
        ("init code", {"compiler_input": _with_source("size <= current", "size < current")}),
        ("source digest", {"compiler_input": _with_source("Unaudited.", "Audited.")}),
    ],
)
def test_what_differs_is_named(compiler: Compiler, part: str, changes: dict[str, Any]) -> None:
    with pytest.raises(NotReproducible) as caught:
        verify_artefact(compiler, replace(ANCHOR, **changes))
    assert caught.value.details["part"] == part


def test_sources_that_do_not_compile_are_reported(compiler: Compiler) -> None:
    broken = replace(ANCHOR, compiler_input=_with_source("contract Anchor {", "contract Anchor"))
    with pytest.raises(CompileFailed, match="ParserError"):
        verify_artefact(compiler, broken)


def test_generated_files_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "contracts" / "build.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, ""), "run: python contracts/build.py"
