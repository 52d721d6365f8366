"""The agent's process: `python -m diptych.provenance.keys.agent.process SOCKET TTL_S`.

It forks into the background, forbids core dumps and debuggers, says on stdout whether it is ready,
closes stdout, and serves until its time is over. No secret is ever in its arguments or environment.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from diptych.core.errors import DiptychError
from diptych.provenance.keys.agent.server import AgentServer, clock_with_sleep
from diptych.provenance.keys.agent.vault import Vault

_PR_SET_DUMPABLE = 4


def main(arguments: Sequence[str]) -> int:
    """Start the agent in the background.

    Args:
        arguments: absolute socket path, time to live in seconds.
    """
    path, ttl_s = Path(arguments[0]), float(arguments[1])
    if os.fork():
        return 0
    os.setsid()
    _harden()
    try:
        server = AgentServer(path, Vault(ttl_s, clock_with_sleep))
    except DiptychError as error:
        print(json.dumps({"error": error.to_json()}), flush=True)
        return error.exit_code
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    print(json.dumps({"ready": True}), flush=True)
    _close_stdout()
    server.serve()
    return 0


def _harden() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        # Linux: no ptrace and no /proc/<pid>/mem, not even for the same user.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _close_stdout() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
