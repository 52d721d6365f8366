"""Client of the key agent: start it, fill it, and sign through it.

`AgentSigner` and `AgentLogSigner` behave like the in-memory signers; the seeds stay in the agent.
"""

import base64
import json
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import DiptychError, JsonValue, MalformedError
from diptych.provenance.keys.agent.wire import (
    MAX_MESSAGES,
    peer_uid,
    receive_frame,
    send_frame,
)
from diptych.provenance.keys.errors import (
    AgentRefused,
    AgentRunning,
    AgentUnavailable,
    WrongPurpose,
)
from diptych.provenance.keys.key import Purpose, UnlockedKey
from diptych_verify.jsonio import ObjectReader
from diptych_verify.note import VerifierKey

UNLOCK_HINT = "diptych key unlock"
_START_TIMEOUT_S = 20.0
_BATCH_BYTES = 8 << 20
_PASSPHRASE_VARIABLE = "DIPTYCH_KEYS__PASSPHRASE"


@dataclass(frozen=True)
class AgentKey:
    """One key that the agent holds."""

    purpose: Purpose
    keyid: str


@dataclass(frozen=True)
class AgentClient:
    """Talks to the agent at `path`, one connection per request.

    Attributes:
        path: the agent's socket.
        timeout_s: seconds one request may take.
    """

    path: Path
    timeout_s: float = 10.0

    def held_keys(self) -> list[AgentKey]:
        """Return what the agent holds.

        Raises:
            AgentUnavailable: no agent runs there, or it does not answer.
        """
        reply = self._ask({"verb": "list"})
        return [
            AgentKey(Purpose(one.text("purpose")), one.text("keyid"))
            for one in reply.objects("keys", maximum=1024)
        ]

    def remaining_s(self) -> int:
        """Return the seconds until the agent forgets its keys.

        Raises:
            AgentUnavailable: no agent runs there, or it does not answer.
        """
        return self._ask({"verb": "list"}).integer("remaining_s")

    def is_running(self) -> bool:
        """Tell whether an agent answers; never raises."""
        try:
            self.held_keys()
        except (AgentUnavailable, AgentRefused):
            return False
        return True

    def add(self, key: UnlockedKey) -> None:
        """Hand an unlocked key to the agent; this restarts its time to live.

        Raises:
            AgentUnavailable: no agent runs there, or it does not answer.
            AgentRefused: the agent holds too many keys.
        """
        seed = base64.b64encode(key.seed).decode()
        request: dict[str, JsonValue] = {"purpose": str(key.purpose), "keyid": key.keyid}
        self._ask({"verb": "add", "seed": seed, **request})

    def sign(self, keyid: str, messages: Sequence[bytes]) -> list[bytes]:
        """Return one signature per message.

        Raises:
            AgentUnavailable: no agent runs there, or it does not answer.
            AgentRefused: the agent does not hold this key.
            WrongPurpose: the key may not sign such a message.
        """
        signatures: list[bytes] = []
        for batch in _batches(messages):
            encoded: list[JsonValue] = [base64.b64encode(one).decode() for one in batch]
            reply = self._ask({"verb": "sign", "keyid": keyid, "messages": encoded})
            found = reply.b64_items("signatures", maximum=MAX_MESSAGES)
            if len(found) != len(batch):
                raise AgentUnavailable(f"got {len(found)} signatures for {len(batch)} messages")
            signatures.extend(found)
        return signatures

    def private_key(self, keyid: str) -> bytes:
        """Return the 32-byte master key of the private store; no other key can be fetched.

        Raises:
            AgentUnavailable: no agent runs there, or it does not answer.
            WrongPurpose: `keyid` is not a private-store key.
        """
        return self._ask({"verb": "reveal", "keyid": keyid}).b64_bytes("seed", size=32)

    def lock(self) -> None:
        """Make the agent wipe its keys and stop.

        Raises:
            AgentUnavailable: no agent runs there, or it does not answer.
        """
        self._ask({"verb": "lock"})

    def _ask(self, request: dict[str, JsonValue]) -> ObjectReader:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self.timeout_s)
                connection.connect(str(self.path))
                uid = peer_uid(connection)
                if uid != os.geteuid():
                    raise AgentUnavailable(f"the agent at {self.path} belongs to user {uid}")
                send_frame(connection, request)
                reply = receive_frame(connection, "agent")
        except (FileNotFoundError, ConnectionRefusedError):
            raise AgentUnavailable("no key agent is running", hint=UNLOCK_HINT) from None
        except TimeoutError:
            raise AgentUnavailable(
                f"the key agent did not answer within {self.timeout_s:g} s",
                hint=f"diptych key lock, then {UNLOCK_HINT}",
            ) from None
        except (OSError, MalformedError) as error:
            raise AgentUnavailable(f"the key agent broke off: {error}", hint=UNLOCK_HINT) from error
        if reply.has("error"):
            raise _refusal(reply.object("error"))
        return reply


@dataclass(frozen=True)
class AgentSigner:
    """Statement signer whose key stays in the agent."""

    client: AgentClient
    keyid: str

    def sign(self, messages: Sequence[bytes]) -> list[bytes]:
        """Return one 64-byte signature per message; errors as in `AgentClient.sign`."""
        return self.client.sign(self.keyid, messages)


@dataclass(frozen=True)
class AgentLogSigner:
    """Checkpoint signer whose key stays in the agent."""

    client: AgentClient
    key: VerifierKey

    def sign(self, body: bytes) -> bytes:
        """Return the signature of one checkpoint body; errors as in `AgentClient.sign`."""
        return self.client.sign(str(self.key), [body])[0]


def start_agent(path: Path, *, ttl_s: float) -> AgentClient:
    """Start an agent in the background; it stops by itself after `ttl_s`.

    Raises:
        AgentRunning: one runs there already.
        AgentUnavailable: it cannot start.
    """
    import subprocess

    command = [sys.executable, "-P", "-m", "diptych.provenance.keys.agent.process"]
    environ = {name: v for name, v in os.environ.items() if name != _PASSPHRASE_VARIABLE}
    try:
        done = subprocess.run(
            [*command, os.path.abspath(path), f"{ttl_s}"],
            cwd="/",
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_START_TIMEOUT_S,
            check=False,
        )
        answer = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise AgentUnavailable(f"the key agent does not start: {error}") from error
    if "error" in answer:
        raise _start_error(answer["error"])
    return AgentClient(path)


def _start_error(error: dict[str, str]) -> DiptychError:
    kind = AgentRunning if error["code"] == AgentRunning.code else AgentUnavailable
    return kind(error["message"], hint=error["hint"])


def _refusal(error: ObjectReader) -> DiptychError:
    kind = WrongPurpose if error.text("code") == WrongPurpose.code else AgentRefused
    return kind(error.text("message", max_characters=4096), hint=error.text("hint"))


def _batches(messages: Sequence[bytes]) -> list[list[bytes]]:
    batches: list[list[bytes]] = []
    size = _BATCH_BYTES
    for message in messages:
        if size + len(message) > _BATCH_BYTES or len(batches[-1]) >= MAX_MESSAGES:
            batches.append([])
            size = 0
        batches[-1].append(message)
        size += len(message)
    return batches
