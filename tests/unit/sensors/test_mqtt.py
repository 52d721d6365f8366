"""MQTT against Debian's mosquitto: durable before acknowledged, let in by password and TLS."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.unit.sensors.broker import RunningBroker, free_port
from tests.unit.sensors.maker import fleet_of, frame

from diptych.core.secret import Secret
from diptych.data.sensors.errors import BrokerFault
from diptych.data.sensors.gateway import Spool
from diptych.data.sensors.inbox import Inbox
from diptych.data.sensors.mqtt import (
    BadBroker,
    Broker,
    Publisher,
    parse_broker,
    receive,
)
from diptych.data.sensors.store import ReadingStore

FRAMES = [frame(1, [counter]) for counter in range(1, 301)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningBroker]:
    folder = tmp_path / "broker"
    folder.mkdir(mode=0o700)
    made = RunningBroker(folder, free_port())
    yield made
    made.stop()


def take_all(
    broker: Broker, store: Callable[[Sequence[bytes]], object], *, until: Callable[[], bool]
) -> int:
    """Receive until a condition holds, ten seconds at most."""
    stop = threading.Event()

    def watch() -> None:
        deadline_s = time.monotonic() + 10
        while not (stop.is_set() or until()) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        stop.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        return receive(broker, store, client_id="store", stop=stop)
    finally:
        stop.set()
        watcher.join()


def test_what_was_not_durable_comes_again(running: RunningBroker, tmp_path: Path) -> None:
    running.start()
    broker = Broker("127.0.0.1", running.port, "fleet/cold")

    def fails(frames: Sequence[bytes]) -> None:
        if frames:
            raise OSError("disk full")

    take_all(broker, fails, until=lambda: True)  # makes the persistent session
    with Spool(tmp_path / "spool.sqlite") as spool, Publisher(broker) as publisher:
        spool.take(FRAMES)
        assert spool.forward(publisher.deliver) == len(FRAMES)
    with pytest.raises(OSError, match="disk full"):
        take_all(broker, fails, until=lambda: False)
    running.stop()
    running.start()  # the broker, too, kept what nobody has acknowledged
    with ReadingStore(tmp_path / "readings.sqlite") as store:
        fleet = fleet_of(1)
        accepted: list[int] = []

        def keep(frames: Sequence[bytes]) -> None:
            accepted.append(store.ingest(frames, fleet).accepted)

        take_all(broker, keep, until=lambda: sum(accepted) >= len(FRAMES))
        assert sum(accepted) == len(FRAMES)
        again: list[int] = []
        take_all(broker, lambda frames: again.append(len(frames)), until=lambda: True)
        assert again == []


def test_what_came_before_the_connection_broke_is_stored_and_comes_again(
    running: RunningBroker, tmp_path: Path
) -> None:
    running.start()
    broker = Broker("127.0.0.1", running.port, "fleet/cold")
    take_all(broker, lambda frames: None, until=lambda: True)
    with Publisher(broker) as publisher:
        assert publisher.deliver(FRAMES) == len(FRAMES)
    stored: list[bytes] = []

    def keep(frames: Sequence[bytes]) -> None:
        if not stored:  # the first batch is on disk, but its acknowledgement goes nowhere
            running.stop()
            running.start()
            time.sleep(1.5)
        stored.extend(frames)

    take_all(broker, keep, until=lambda: set(stored) >= set(FRAMES))
    assert set(stored) == set(FRAMES)
    again: list[bytes] = []
    take_all(broker, again.extend, until=lambda: True)
    assert set(again) <= set(FRAMES)


def test_qos_2_of_a_sender_is_kept_until_it_is_durable(running: RunningBroker) -> None:
    from paho.mqtt import publish

    running.start()
    broker = Broker("127.0.0.1", running.port, "fleet/cold")
    take_all(broker, lambda frames: None, until=lambda: True)
    messages = [("fleet/cold", one, 2, False) for one in FRAMES[:30]]
    publish.multiple(messages, hostname="127.0.0.1", port=running.port)  # type: ignore[arg-type]

    def fails(frames: Sequence[bytes]) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        take_all(broker, fails, until=lambda: False)
    stored: list[bytes] = []
    take_all(broker, stored.extend, until=lambda: len(stored) >= 30)
    assert stored == FRAMES[:30]


class Message:
    """What the library hands over."""

    def __init__(self, mid: int, qos: int = 1) -> None:
        self.payload: bytes | bytearray = b"%d" % mid
        self.mid, self.qos = mid, qos


class TestInbox:
    def test_only_this_connection_is_acknowledged(self) -> None:
        sent: list[int] = []
        inbox = Inbox(lambda mid, qos: sent.append(mid), room=9)
        inbox.put(Message(5))
        inbox.disconnected()
        inbox.put(Message(5))
        inbox.put(Message(6))
        messages = inbox.gather(9)
        assert [payload for payload, *_ in messages] == [b"5", b"5", b"6"]
        inbox.acknowledge(messages)
        assert sent == [5, 6]

    def test_a_full_inbox_lets_the_network_thread_go_when_it_is_closed(self) -> None:
        inbox = Inbox(lambda mid, qos: None, room=1)
        inbox.put(Message(1))
        blocked = threading.Thread(target=inbox.put, args=(Message(2),))
        blocked.start()
        blocked.join(0.2)
        assert blocked.is_alive()
        inbox.close()
        blocked.join(2)
        assert not blocked.is_alive()
        assert len(inbox.gather(9)) == 1


def test_without_a_broker_frames_stay_in_the_spool(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.sqlite") as spool:
        spool.take(FRAMES[:3])
        with pytest.raises(BrokerFault, match="cannot be reached"):
            Publisher(Broker("127.0.0.1", free_port(), "fleet/cold"))
        assert len(spool) == 3


class TestPassword:
    def test_only_the_right_one_is_let_in(self, running: RunningBroker) -> None:
        passwords = running.folder / "passwords"
        command = ["mosquitto_passwd", "-b", "-c", str(passwords), "plant", "right"]
        subprocess.run(command, check=True, capture_output=True)
        running.start("allow_anonymous false", f"password_file {passwords}")
        address = f"mqtt://plant@127.0.0.1:{running.port}/fleet/cold"
        broker = parse_broker(address)
        for password in (None, Secret("wrong")):
            with pytest.raises(BrokerFault, match="refuses"):
                Publisher(_with(broker, password=password))
        with Publisher(_with(broker, password=Secret("right"))) as publisher:
            assert publisher.deliver(FRAMES[:5]) == 5


# paho-mqtt leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
class TestTls:
    def test_the_broker_must_prove_itself(self, running: RunningBroker) -> None:
        ca, certificate, key = _certificates(running.folder)
        lines = (f"cafile {ca}", f"certfile {certificate}", f"keyfile {key}")
        running.start("allow_anonymous true", *lines)
        broker = Broker("127.0.0.1", running.port, "fleet/cold", tls=True)
        with pytest.raises(BrokerFault, match="certificate"):
            Publisher(broker)
        with Publisher(_with(broker, ca_file=ca)) as publisher:
            assert publisher.deliver(FRAMES[:5]) == 5

    def test_and_the_client_where_it_is_asked_to(self, running: RunningBroker) -> None:
        ca, certificate, key = _certificates(running.folder)
        lines = (f"cafile {ca}", f"certfile {certificate}", f"keyfile {key}")
        running.start("allow_anonymous true", "require_certificate true", *lines)
        broker = Broker("127.0.0.1", running.port, "fleet/cold", tls=True, ca_file=ca)
        with pytest.raises(BrokerFault):
            Publisher(broker, timeout_s=2.0)
        with Publisher(_with(broker, certificate=(certificate, key))) as publisher:
            assert publisher.deliver(FRAMES[:5]) == 5


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("mqtt://h/a/b", ("h", 1883, "a/b", False, "")),
        ("mqtts://u@h:99/a/#", ("h", 99, "a/#", True, "u")),
        ("mqtts://h/+", ("h", 8883, "+", True, "")),
    ],
)
def test_addresses(address: str, expected: tuple[object, ...]) -> None:
    found = parse_broker(address)
    assert (found.host, found.port, found.topic, found.tls, found.username) == expected


@pytest.mark.parametrize(
    "address", ["", "h:1883/a", "http://h/a", "mqtt://h", "mqtt://h/", "mqtt://h:x/a"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadBroker):
        parse_broker(address)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadBroker) as caught:
        parse_broker("mqtt://u:hunter2@h/a")
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(_with(parse_broker("mqtt://u@h/a"), password=Secret("hunter2")))


def _with(broker: Broker, **changed: object) -> Broker:
    return Broker(**{**vars(broker), **changed})


def _certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    certificate, key = folder / "broker.pem", folder / "broker.key"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    files = ("-keyout", str(key), "-out", str(certificate))
    command = ["openssl", "req", "-x509", *made, *files, *subject]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, certificate, key
