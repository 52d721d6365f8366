"""Debian's mosquitto on a free port of the loopback, with what a test needs of it."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest


def mosquitto() -> str:
    """The program; its absence skips a test at home and fails it in CI."""
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None and os.environ.get("CI"):
        pytest.fail("mosquitto is not installed: apt-get install mosquitto")
    if found is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    return found


@dataclass
class RunningBroker:
    """A broker that keeps its state in `folder`, so that it can be stopped and started again."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, *lines: str) -> None:
        """Start with these further lines of configuration and wait until it listens."""
        config = self.folder / "mosquitto.conf"
        rest = lines or ("allow_anonymous true",)
        # As root it would change to a user that may not read our folder.
        user = ("user root",) if os.getuid() == 0 else ()
        persistent = ("persistence true", f"persistence_location {self.folder}/")
        listener = (f"listener {self.port} 127.0.0.1", "max_queued_messages 0")
        config.write_text("\n".join((*user, *persistent, *listener, *rest)) + "\n")
        with (self.folder / "broker.log").open("ab") as log:
            command = [mosquitto(), "-c", str(config)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline_s = time.monotonic() + 10
        while time.monotonic() < deadline_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError((self.folder / "broker.log").read_text())

    def stop(self) -> None:
        """End it in order, its queue saved."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
