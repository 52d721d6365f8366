"""The key agent signs for its own user until its time is over, and never gives a seed away."""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from diptych.core.errors import DiptychError, JsonValue
from diptych.provenance.keys.agent import client as client_module
from diptych.provenance.keys.agent import server as server_module
from diptych.provenance.keys.agent.client import (
    AgentClient,
    AgentLogSigner,
    AgentSigner,
    start_agent,
)
from diptych.provenance.keys.agent.server import AgentServer
from diptych.provenance.keys.agent.vault import Vault
from diptych.provenance.keys.agent.wire import MAX_FRAME_BYTES, send_frame, socket_path
from diptych.provenance.keys.errors import (
    AgentRefused,
    AgentRunning,
    AgentUnavailable,
    ExposedKeyFile,
    WrongPurpose,
)
from diptych.provenance.keys.key import Purpose, UnlockedKey, new_key
from diptych.provenance.statement import Draft, Subject, pae, sign_statements
from diptych_verify.dsse import verify_envelope
from diptych_verify.note import Checkpoint, VerifierKey

ORIGIN = "diptych.log/" + "0" * 32
STATEMENT = new_key(Purpose.STATEMENT, seed=b"\x01" * 32)
ETHEREUM = new_key(Purpose.STATEMENT, label="secp256k1", seed=b"\x02" * 32)
LOG = new_key(Purpose.LOG, label=ORIGIN, seed=b"\x03" * 32)
PRIVATE = new_key(Purpose.PRIVATE, seed=b"\x04" * 32)
WITNESS = new_key(Purpose.WITNESS, label="w.example", seed=b"\x05" * 32)
DRAFT = Draft("dataset", (Subject("x", {"sha256": "ab" * 32}),), 0.0)


class Stopwatch:
    """Monotonic time that moves only when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@contextlib.contextmanager
def serving(path: Path, *keys: UnlockedKey, now: Stopwatch | None = None) -> Iterator[AgentClient]:
    server = AgentServer(path, Vault(3600, now or Stopwatch()))
    thread = threading.Thread(target=server.serve)
    thread.start()
    client = AgentClient(path, timeout_s=5)
    try:
        for key in keys:
            client.add(key)
        yield client
    finally:
        with contextlib.suppress(AgentUnavailable, AgentRefused):
            client.lock()
        thread.join(timeout=5)
        assert not thread.is_alive()
        assert not path.exists()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "a.sock"


def test_signatures_equal_those_of_the_key_itself(path: Path) -> None:
    with serving(path, STATEMENT, ETHEREUM) as client:
        for key in (STATEMENT, ETHEREUM):
            signer = AgentSigner(client, key.keyid)
            envelopes = sign_statements([DRAFT] * 3, signer)
            assert envelopes == sign_statements([DRAFT] * 3, key.statement_signer())
            verify_envelope(envelopes[0])
        assert {key.keyid for key in client.held_keys()} == {STATEMENT.keyid, ETHEREUM.keyid}
        assert AgentSigner(client, STATEMENT.keyid).sign([]) == []


def test_log_and_witness_keys_sign_their_own_notes_only(path: Path) -> None:
    body = Checkpoint(ORIGIN, 1, bytes(32)).body().encode()
    with serving(path, LOG, WITNESS) as client:
        signer = AgentLogSigner(client, VerifierKey.parse(LOG.keyid))
        assert signer.sign(body) == LOG.log_signer().sign(body)
        assert len(client.sign(WITNESS.keyid, [body])[0]) == 72
        with pytest.raises(WrongPurpose):
            client.sign(LOG.keyid, [pae(b"{}")])
        with pytest.raises(AgentRefused):
            client.sign(WITNESS.keyid, [pae(b"{}")])


def test_only_the_private_store_key_can_be_fetched(path: Path) -> None:
    with serving(path, STATEMENT, LOG, PRIVATE) as client:
        assert client.private_key(PRIVATE.keyid) == PRIVATE.seed
        for key in (STATEMENT, LOG):
            with pytest.raises(WrongPurpose):
                client.private_key(key.keyid)
        with pytest.raises(WrongPurpose):
            client.sign(PRIVATE.keyid, [pae(b"{}")])


def test_large_batches_are_split_and_keep_their_order(path: Path) -> None:
    messages = [pae(b"%d" % n + bytes(2000)) for n in range(10_050)]
    with serving(path, STATEMENT) as client:
        signatures = client.sign(STATEMENT.keyid, messages)
    own = STATEMENT.statement_signer()
    assert len(signatures) == len(messages)
    picks = [0, 4_000, 9_999, 10_000, 10_049]
    assert [signatures[n] for n in picks] == own.sign([messages[n] for n in picks])


def test_unknown_key_wrong_seed_and_unknown_verb_are_refused(path: Path) -> None:
    with serving(path) as client:
        with pytest.raises(AgentRefused) as caught:
            client.sign(STATEMENT.keyid, [pae(b"{}")])
        assert caught.value.hint == "diptych key unlock"
        for request in (
            {"verb": "export"},
            {"verb": "add", "purpose": "any", "keyid": "x", "seed": "AA=="},
            {"verb": "add", "purpose": "statement", "keyid": LOG.keyid, "seed": "AQ" * 21 + "AQ=="},
            {"verb": "add", "purpose": "statement", "keyid": "Zoë", "seed": "AQ" * 21 + "AQ=="},
            {"verb": "list", "all": True},
            {"verb": "sign", "keyid": STATEMENT.keyid, "messages": "no"},
            {},
        ):
            with pytest.raises(AgentRefused):
                client._ask(request)  # type: ignore[arg-type]
        assert client.held_keys() == []


def test_time_to_live_ends_the_agent_and_an_added_key_restarts_it(path: Path) -> None:
    now = Stopwatch()
    with serving(path, STATEMENT, now=now) as client:
        now.now_s += 3000
        assert client.remaining_s() == 600
        client.add(PRIVATE)
        assert client.remaining_s() == 3600
        now.now_s += 3601
        # The agent refuses, or is gone already.
        with pytest.raises((AgentRefused, AgentUnavailable)) as caught:
            client.sign(STATEMENT.keyid, [pae(b"{}")])
        assert caught.value.hint == "diptych key unlock"


def test_locking_wipes_and_removes_the_socket(path: Path) -> None:
    vault = Vault(3600, Stopwatch())
    server = AgentServer(path, vault)
    thread = threading.Thread(target=server.serve)
    thread.start()
    client = AgentClient(path)
    client.add(STATEMENT)
    seed = next(iter(vault._held.values())).seed
    client.lock()
    thread.join(timeout=5)
    assert bytes(seed) == bytes(32)
    with pytest.raises(AgentUnavailable) as caught:
        client.held_keys()
    assert caught.value.hint == "diptych key unlock"


def test_who_locks_hears_of_it_before_the_agent_ends(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = AgentServer(path, Vault(3600, Stopwatch()))
    order: list[str] = []

    def late(connection: socket.socket, value: dict[str, JsonValue]) -> None:
        server._wake_write.send(b"x")  # the loop sees that the vault is locked before we answer
        time.sleep(0.2)
        send_frame(connection, value)
        order.append("answered")

    def serve() -> None:
        server.serve()
        order.append("ended")

    monkeypatch.setattr(server_module, "send_frame", late)
    thread = threading.Thread(target=serve)
    thread.start()
    AgentClient(path).lock()
    thread.join(timeout=5)
    assert order == ["answered", "ended"]


def test_other_users_are_refused_on_both_sides(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(path, PRIVATE) as client:
        with monkeypatch.context() as patch:
            patch.setattr(server_module, "peer_uid", lambda _: os.geteuid() + 1)
            with pytest.raises(AgentRefused, match="may not use"):
                client.private_key(PRIVATE.keyid)
        with monkeypatch.context() as patch:
            patch.setattr(client_module, "peer_uid", lambda _: os.geteuid() + 1)
            with pytest.raises(AgentUnavailable, match="belongs to user"):
                client.held_keys()
        assert client.private_key(PRIVATE.keyid) == PRIVATE.seed


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\x00",
        struct.pack(">I", MAX_FRAME_BYTES + 1),
        struct.pack(">I", 5) + b"{",
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 6) + b"\xff" * 6,
        struct.pack(">I", 9) + b'{"verb":1',
    ],
)
def test_hostile_frames_do_not_hurt_others(path: Path, frame: bytes) -> None:
    with serving(path, STATEMENT) as client:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
            raw.connect(str(path))
            raw.sendall(frame)
        assert len(client.held_keys()) == 1


def test_a_silent_agent_is_reported_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen(1)
        with pytest.raises(AgentUnavailable, match=r"did not answer within 0\.05 s"):
            AgentClient(tmp_path / "s.sock", timeout_s=0.05).held_keys()


def test_folder_open_to_others_and_long_paths_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(ExposedKeyFile):
        AgentServer(folder / "a.sock", Vault(1, Stopwatch()))
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(ExposedKeyFile):
        AgentServer(tmp_path / "link" / "a.sock", Vault(1, Stopwatch()))
    with pytest.raises(AgentUnavailable, match="longer"):
        AgentServer(tmp_path / ("x" * 120) / "a.sock", Vault(1, Stopwatch()))


def test_each_key_folder_has_its_own_socket(tmp_path: Path) -> None:
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
    one, two = (socket_path(tmp_path / name, runtime) for name in ("a", "b"))
    assert one != two
    assert one.parent == tmp_path / "diptych"
    assert socket_path(tmp_path / "b" / ".." / "a", runtime) == one
    assert socket_path(tmp_path, {}).parent == Path(f"/tmp/diptych-{os.geteuid()}")


def gone(client: AgentClient, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while client.path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not client.path.exists() and not client.is_running()


def test_real_process_signs_survives_a_second_start_and_locks(path: Path) -> None:
    client = start_agent(path, ttl_s=60)
    try:
        assert path.stat().st_mode & 0o777 == 0o600
        client.add(STATEMENT)
        envelope = sign_statements([DRAFT], AgentSigner(client, STATEMENT.keyid))[0]
        assert verify_envelope(envelope).signatures[0].keyid == STATEMENT.keyid
        with pytest.raises(AgentRunning):
            start_agent(path, ttl_s=60)
        assert len(client.held_keys()) == 1
    finally:
        client.lock()
    assert gone(client, 5)


def test_real_process_stops_by_itself(path: Path) -> None:
    assert gone(start_agent(path, ttl_s=0.3), 5)


def test_stale_socket_of_a_killed_agent_is_replaced(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    with pytest.raises(AgentUnavailable):
        AgentClient(path).held_keys()
    with serving(path, STATEMENT) as client:
        assert len(client.held_keys()) == 1


def test_agent_that_cannot_start_says_why(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(DiptychError, match="not private"):
        start_agent(tmp_path / "a.sock", ttl_s=1)
