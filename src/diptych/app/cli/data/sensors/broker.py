"""Options of a broker, shared by `ingest` and `gateway`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diptych.app.cli.given import FILE
from diptych.core.secret import Secret

if TYPE_CHECKING:
    from diptych.data.sensors.mqtt import Broker

_MAX_PASSWORD = 4096


def broker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that `broker_from` takes."""
    options = (
        click.option("--password-file", type=FILE, help="File with the broker's password."),
        click.option("--ca-file", type=FILE, help="Certificate authorities to trust (PEM)."),
        click.option("--certificate", type=FILE, help="Certificate of this client (PEM)."),
        click.option("--certificate-key", type=FILE, help="Its private key (PEM)."),
        click.option(
            "--client-id",
            default="diptych",
            show_default=True,
            help="Name of the session; the broker keeps what it misses.",
        ),
        click.option(
            "--for", "for_s", type=click.FloatRange(0), help="Seconds; default: until Ctrl-C."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def broker_from(
    address: str,
    *,
    password_file: Path | None,
    ca_file: Path | None,
    certificate: Path | None,
    certificate_key: Path | None,
) -> "Broker":
    """Return the broker that address and options describe.

    Raises:
        BadBroker: the address is malformed, or certificate and key are not given together.
    """
    from diptych.data.sensors.mqtt import BadBroker, parse_broker

    broker = parse_broker(address)
    if (certificate is None) != (certificate_key is None):
        raise BadBroker("--certificate and --certificate-key go together")
    if password_file is not None:
        text = password_file.read_text(encoding="utf-8")[:_MAX_PASSWORD].rstrip("\r\n")
        broker = replace(broker, password=Secret(text))
    pair = (certificate, certificate_key) if certificate and certificate_key else None
    return replace(broker, ca_file=ca_file, certificate=pair)
