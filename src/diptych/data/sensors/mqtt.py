"""MQTT (3.1.1, QoS 1): publish frames, and take them in with an acknowledgement after the disk.

The only module that needs paho-mqtt (extra `mqtt`). The broker keeps what is unacknowledged, since
the session is persistent and acknowledgements are sent by hand, after the batch was committed.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from diptych.core.errors import UsageError
from diptych.core.missing import MissingExtra
from diptych.core.secret import Secret
from diptych.data.sensors.errors import BrokerFault
from diptych.data.sensors.inbox import Inbox

if TYPE_CHECKING:
    from paho.mqtt.client import Client

KEEPALIVE_S = 30


class BadBroker(UsageError):
    """A broker's address is no `mqtt://host[:port]/topic` or `mqtts://…`."""

    code = "Sensors.BadBroker"


@dataclass(frozen=True)
class Broker:
    """Where the broker is and how to be let in.

    Attributes:
        host: name or address.
        port: 1883, or 8883 with TLS.
        topic: what to publish to, or the filter to subscribe to.
        tls: whether to encrypt and to check the broker's certificate.
        username: empty for none.
        password: with the user name.
        ca_file: certificate authorities to trust; by default those of the system.
        certificate: (certificate, key) files of a client that proves itself by TLS.
    """

    host: str
    port: int
    topic: str
    tls: bool = False
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    certificate: tuple[Path, Path] | None = field(default=None, repr=False)


def parse_broker(address: str) -> Broker:
    """Parse `mqtt://[user@]host[:port]/topic` or `mqtts://…`.

    Raises:
        BadBroker: it is something else, or holds a password.

    >>> parse_broker("mqtts://plant@broker.example/fleet/+").port
    8883
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadBroker(f"got '{address[:80]}', expected mqtt://host:port/topic") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or len(parts.path) < 2:
        raise BadBroker(f"got '{address[:80]}', expected mqtt://host:port/topic")
    if parts.password is not None:
        raise BadBroker(
            "the address holds a password, which other users of this machine can see",
            hint="put it into a file and give --password-file",
        )
    tls = parts.scheme == "mqtts"
    topic = parts.path[1:] + (f"#{parts.fragment}" if address.endswith("#") else "")
    return Broker(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        topic=topic,
        tls=tls,
        username=parts.username or "",
    )


class Publisher:
    """Publishes frames and waits until the broker has them; use as a context manager.

    Args:
        broker: where; `topic` is what frames are published to.
        client_id: name of the session; empty for a new one.
        timeout_s: how long to wait for the broker.

    Raises:
        MissingExtra: paho-mqtt is not installed.
        BrokerFault: the broker cannot be reached or refuses.
    """

    def __init__(self, broker: Broker, *, client_id: str = "", timeout_s: float = 10.0) -> None:
        self._broker = broker
        self._timeout_s = timeout_s
        self._client = _client(broker, client_id)
        _connect(self._client, broker, timeout_s)

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def deliver(self, frames: Sequence[bytes]) -> int:
        """Publish with QoS 1; return how many, from the first on, the broker acknowledged."""
        topic = self._broker.topic
        sent = [self._client.publish(topic, frame, qos=1) for frame in frames]
        deadline_s = time.monotonic() + self._timeout_s
        for count, one in enumerate(sent):
            try:
                one.wait_for_publish(max(0.0, deadline_s - time.monotonic()))
            except (RuntimeError, ValueError):
                return count
            if not one.is_published():
                return count
        return len(sent)


def receive(
    broker: Broker,
    store: Callable[[Sequence[bytes]], object],
    *,
    client_id: str,
    stop: threading.Event,
    batch: int = 4096,
    timeout_s: float = 10.0,
) -> int:
    """Take in frames until `stop` is set; each batch is acknowledged after `store` returned.

    Args:
        broker: where; `topic` may be a filter with wildcards.
        store: makes a batch durable; if it raises, nothing of the batch is acknowledged.
        client_id: name of the persistent session; the same one finds what it missed.
        stop: ends the loop.
        batch: largest number of frames in one call of `store`.
        timeout_s: how long to wait for the broker at the start.

    Returns:
        How many messages were taken in.

    Raises:
        MissingExtra: paho-mqtt is not installed.
        BrokerFault: the broker cannot be reached or refuses.
    """
    client = _client(broker, client_id, manual=True)
    inbox = Inbox(client.ack, room=4 * batch)
    client.on_message = lambda _c, _u, message: inbox.put(message)
    client.on_disconnect = lambda *_: inbox.disconnected()
    client.on_connect = lambda c, *_: c.subscribe(broker.topic, qos=1)
    _connect(client, broker, timeout_s)
    total = 0
    try:
        while not (stop.is_set() and inbox.empty):
            messages = inbox.gather(batch)
            if messages:
                store([payload for payload, *_ in messages])
                inbox.acknowledge(messages)
                total += len(messages)
    finally:
        inbox.close()
        client.disconnect()
        client.loop_stop()
    return total


def _client(broker: Broker, client_id: str, *, manual: bool = False) -> "Client":
    try:
        from paho.mqtt import client as paho
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError as error:
        raise MissingExtra("paho-mqtt", extra="mqtt") from error
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=not client_id,
        manual_ack=manual,
    )
    client.max_inflight_messages_set(1000)
    if broker.username:
        password = broker.password.reveal() if broker.password else None
        client.username_pw_set(broker.username, password)
    if broker.tls:
        certificate, key = broker.certificate or (None, None)
        client.tls_set(
            ca_certs=str(broker.ca_file) if broker.ca_file else None,
            certfile=str(certificate) if certificate else None,
            keyfile=str(key) if key else None,
        )
    return client


def _connect(client: "Client", broker: Broker, timeout_s: float) -> None:
    """Connect, start the network thread, and wait for the broker's answer."""
    answered = threading.Event()
    answers: list[Any] = []
    subscribe = client.on_connect

    def on_connect(*arguments: Any) -> None:
        answers.append(arguments[3])
        if subscribe is not None and not arguments[3].is_failure:
            subscribe(*arguments)
        answered.set()

    client.on_connect = on_connect
    where = f"the broker {broker.host}:{broker.port}"
    try:
        client.connect(broker.host, broker.port, keepalive=KEEPALIVE_S)
    except (OSError, ValueError) as error:
        raise BrokerFault(f"{where} cannot be reached: {error}") from error
    client.loop_start()
    if not answered.wait(timeout_s) or answers[-1].is_failure:
        client.disconnect()
        client.loop_stop()
        said = f"refuses: {answers[-1]}" if answers else "does not answer"
        raise BrokerFault(f"{where} {said}", hint="check user name, password and certificates")
