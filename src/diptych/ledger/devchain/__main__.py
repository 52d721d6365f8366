"""`python -m diptych.ledger.devchain FOLDER`: the supervisor's process.

It leaves the process that started it (so nobody has to wait for it), says on standard output when
it is ready, and then lets go of standard output.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from diptych.core.errors import JsonValue


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the supervisor and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m diptych.ledger.devchain")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--anvil", type=Path, default=None)
    parser.add_argument("--idle-stop-s", type=float, default=0.0)
    parser.add_argument("--foreground", action="store_true", help="stay a child of the caller")
    options = parser.parse_args(arguments)
    if not options.foreground and os.fork() > 0:
        os._exit(0)
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from diptych.core.clock import system_clock
    from diptych.ledger.devchain.handshake import ServeOptions
    from diptych.ledger.devchain.supervisor import serve

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    return serve(
        ServeOptions(options.folder, options.port, options.anvil, options.idle_stop_s),
        tell=_tell,
        clock=system_clock,
    )


def _tell(line: Mapping[str, JsonValue]) -> None:
    with suppress(OSError):
        os.write(1, json.dumps(line).encode() + b"\n")
        if "replay" not in line:
            os.dup2(2, 1)


if __name__ == "__main__":
    sys.exit(main())
