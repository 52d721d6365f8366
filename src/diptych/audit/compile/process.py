"""One compiler in a child process: soljson run by node, many inputs one after the other.

The source is a stranger's: time, memory and the size of the answer are bounded, and a compiler
that oversteps is killed.
"""

import contextlib
import json
import os
import resource
import selectors
import subprocess
import time
from pathlib import Path
from typing import IO, Final

from diptych.audit.compile.errors import NotCompiled
from diptych.audit.plain_json import plain_json
from diptych.core.errors import JsonValue

__all__ = ["CompilerProcess"]

_SCRIPT = """
const soljson = require(process.argv[1]);
const name = ["solidity_compile", "compileStandard"].find((each) => soljson["_" + each]);
const compile = soljson.cwrap(name, "string", ["string", "number", "number"]);
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(compile(line, 0, 0).replace(/\\n/g, " ") + "\\n");
});
"""
_CHUNK = 1 << 20
_MAX_INPUT_BYTES = 32 << 20
MAX_OUTPUT_BYTES = 96 << 20
MAX_MEMORY_BYTES = 3 << 30
TIMEOUT_S = 90.0


class CompilerProcess:
    """A running compiler of one version; close it."""

    def __init__(self, node: Path, soljson: Path, timeout_s: float = TIMEOUT_S) -> None:
        self._command: Final = [
            str(node),
            "--no-warnings",
            "--stack-size=4000",
            "-e",
            _SCRIPT,
            str(soljson.absolute()),
        ]
        self._timeout_s: Final = timeout_s
        self._child: subprocess.Popen[bytes] | None = None

    def compile(self, request: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the standard-JSON answer to a standard-JSON request.

        Raises:
            NotCompiled: the compiler died, took too long or answered too much.
        """
        line = json.dumps(request).encode() + b"\n"
        if len(line) > _MAX_INPUT_BYTES:
            raise NotCompiled(f"got {len(line):,} bytes of source, expected {_MAX_INPUT_BYTES:,}")
        child = self._running()
        try:
            return self._exchange(child, line)
        except (OSError, ValueError, NotCompiled) as error:
            self.close()
            if isinstance(error, NotCompiled):
                raise
            raise NotCompiled(f"the compiler ended without an answer: {error}") from error

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "NODE_OPTIONS": ""},
                bufsize=0,
                start_new_session=True,  # Ctrl-C is for us: what is being compiled is kept
            )
            if hasattr(resource, "prlimit"):
                limit = (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES)
                resource.prlimit(self._child.pid, resource.RLIMIT_DATA, limit)
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], line: bytes) -> dict[str, JsonValue]:
        assert child.stdin is not None
        assert child.stdout is not None
        deadline = time.monotonic() + self._timeout_s
        os.set_blocking(child.stdin.fileno(), False)
        rest = memoryview(line)
        while rest:
            self._wait(child.stdin, selectors.EVENT_WRITE, deadline)
            rest = rest[child.stdin.write(rest) or 0 :]
        answer = bytearray()
        while not answer.endswith(b"\n"):
            self._wait(child.stdout, selectors.EVENT_READ, deadline)
            part = child.stdout.read(_CHUNK)
            if not part:
                raise NotCompiled(
                    "the compiler died, perhaps for want of memory",
                    hint=f"it may take {MAX_MEMORY_BYTES >> 20:,} MiB",
                )
            answer += part
            if len(answer) > MAX_OUTPUT_BYTES:
                raise NotCompiled(f"got more than {MAX_OUTPUT_BYTES >> 20} MiB from the compiler")
        found = plain_json(bytes(answer))
        if not isinstance(found, dict):
            raise NotCompiled("the compiler's answer is no JSON object")
        return found

    def _wait(self, pipe: IO[bytes], event: int, deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise NotCompiled(f"the compiler did not answer in {self._timeout_s:g} s")
