"""Compile the contracts and write what the package ships: artefacts, pins and typed bindings.

Usage: python contracts/build.py [--check]. Needs `npm ci` in contracts/ first. With `--check`
nothing is written and the exit code is 1 when a committed file is not what the sources give.
"""

import argparse
import hashlib
import json
import posixpath
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from bindings import binding_sources

from diptych.contracts.artefact import FORMAT
from diptych.contracts.compiler import find_compiler
from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue

HERE = Path(__file__).resolve().parent
CONTRACTS = ("Anchor", "Identity", "Registry")
BASE = "AssetTokens"
"""Abstract contract whose bindings its heirs share."""
PACKAGE = HERE.parent / "src" / "diptych" / "contracts"
_IMPORT = re.compile(r'^import [^;]*?"([^"]+)";', re.MULTILINE)
OUTPUTS = ["abi", "devdoc", "userdoc", "evm.bytecode.object", "evm.deployedBytecode.object"]


def sources_of(name: str) -> dict[str, Path]:
    """Return a contract's source and all that it imports, by the names that imports use."""
    found: dict[str, Path] = {}
    waiting = [f"src/{name}.sol"]
    while waiting:
        unit = waiting.pop()
        if unit in found:
            continue
        found[unit] = HERE / ("node_modules" if unit.startswith("@") else "") / unit
        for target in _IMPORT.findall(found[unit].read_text()):
            relative = target.startswith(".")
            waiting.append(posixpath.normpath(f"{unit}/../{target}") if relative else target)
    return dict(sorted(found.items()))


def compiler_input(name: str) -> dict[str, JsonValue]:
    """Return the standard JSON input: what the contract needs, and the settings of foundry.toml."""
    profile = tomllib.loads((HERE / "foundry.toml").read_text())["profile"]["default"]
    return {
        "language": "Solidity",
        "settings": {
            "evmVersion": profile["evm_version"],
            "metadata": {
                "appendCBOR": profile["cbor_metadata"],
                "bytecodeHash": profile["bytecode_hash"],
            },
            "optimizer": {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]},
            "outputSelection": {"*": {"*": OUTPUTS}},
            "viaIR": profile["via_ir"],
        },
        "sources": {unit: {"content": path.read_text()} for unit, path in sources_of(name).items()},
    }


def artefact_bytes(name: str, given: dict, compiled: dict, version: str) -> bytes:
    """Return the committed file of one contract."""
    contract = compiled["contracts"][f"src/{name}.sol"][name]
    gas = json.loads((HERE / "snapshots" / f"{name}.json").read_text())
    fields = {
        "abi": contract["abi"],
        "compiler": version,
        "creation": "0x" + contract["evm"]["bytecode"]["object"],
        "format": FORMAT,
        "gas": {k: int(v) for k, v in gas.items() if "bytes" not in k},
        "input": given,
        "name": name,
        "runtime": "0x" + contract["evm"]["deployedBytecode"]["object"],
        "source_sha256": hashlib.sha256(canonical_json(given["sources"])).hexdigest(),
    }
    return json.dumps(fields, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def pins_source(artefacts: dict[str, bytes], soljson: Path) -> str:
    """Return the module that says what artefacts and compiler must hash to."""
    lock = json.loads((HERE / "package-lock.json").read_text())["packages"]["node_modules/solc"]
    digests = {name: hashlib.sha256(raw).hexdigest() for name, raw in artefacts.items()}
    return (
        '"""Digests of the committed artefacts and of their compiler. Written by build.py."""\n\n'
        f"SOLC_VERSION = {lock['version']!r}\n"
        f"SOLC_INTEGRITY = (\n    {lock['integrity'][:50]!r}\n    {lock['integrity'][50:]!r}\n)\n"
        f"SOLJSON_SHA256 = {hashlib.sha256(soljson.read_bytes()).hexdigest()!r}\n"
        f"ARTEFACTS = {digests!r}\n"
    )


def generate() -> dict[Path, bytes]:
    """Return every generated file with its content."""
    soljson = HERE / "node_modules" / "solc" / "soljson.js"
    given = {name: compiler_input(name) for name in CONTRACTS}
    output = {name: find_compiler(soljson).compile(given[name]) for name in CONTRACTS}
    version = json.loads((HERE / "package.json").read_text())["devDependencies"]["solc"]
    artefacts = {n: artefact_bytes(n, given[n], output[n], version) for n in CONTRACTS}
    files = {PACKAGE / "artefacts" / f"{name}.json": raw for name, raw in artefacts.items()}
    files[PACKAGE / "pins.py"] = _formatted(pins_source(artefacts, soljson))
    for name in CONTRACTS:
        compiled = output[name]["contracts"]
        base = compiled.get(f"src/{BASE}.sol", {}).get(BASE, {"abi": [], "userdoc": {}})
        modules = binding_sources(name, compiled[f"src/{name}.sol"][name], base["abi"])
        if base["abi"]:
            modules |= binding_sources(BASE, base, [])
        for stem, source in modules.items():
            files[PACKAGE / "bindings" / f"{stem}.py"] = _formatted(source)
    return files


def _formatted(source: str) -> bytes:
    """Return the source without imports that it does not need, as the formatter lays it out."""
    ruff = [sys.executable, "-m", "ruff"]
    named = ["--stdin-filename", "x.py", "-"]
    for command in (
        ["check", "--quiet", "--select", "F401,I", "--fix", *named],
        ["format", *named],
    ):
        done = subprocess.run(
            [*ruff, *command], input=source, capture_output=True, text=True, check=True
        )
        source = done.stdout
    return source.encode()


def main() -> int:
    """Write or check every generated file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    stale = [p for p, raw in generate().items() if not p.is_file() or p.read_bytes() != raw]
    for path, raw in [] if check else generate().items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)
    for path in stale:
        print(f"{'stale' if check else 'wrote'} {path.relative_to(HERE.parent)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
