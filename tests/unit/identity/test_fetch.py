"""Fetching a DID document: TLS with a known authority, no redirects, bounded."""

import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from tests.unit.identity.makers import Authority, did_document, ed25519, issue, issuer_key, subject
from tests.unit.identity.makers import p256 as key_named

from diptych.app.verbs.did_fetch import CannotFetch, fetch_did_document
from diptych_verify.identity.did import parse_did_document

NOW = datetime.now(tz=UTC)
VALID = (NOW - timedelta(hours=1), NOW + timedelta(hours=1))


class _Answers(http.server.BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}

    def do_GET(self) -> None:
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        if status == 302:
            self.send_header("location", body.decode())
            body = b""
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A web server with a certificate of its own authority: did:web and the authority's PEM."""
    folder: Path = tmp_path_factory.mktemp("tls")
    usage = x509.KeyUsage(*(False,) * 5, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key_named("ca").public_key())
    authority = issue(subject("CA"), key_named("ca"), usage, identifier, ca=True, valid=VALID)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    above = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    key = key_named("server")
    leaf: Authority = issue(
        subject("localhost"),
        key.public_key(),
        names,
        above,
        by=authority,
        valid=VALID,
        critical=False,
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(leaf.pem.encode() + private)
    (folder / "ca.pem").write_text(authority.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"did:web:localhost%3A{server.server_port}", str(folder / "ca.pem")
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_document_is_fetched_from_its_domain(domain: tuple[str, str]) -> None:
    did, authorities = domain
    key = issuer_key(ed25519("did"))
    _Answers.answers["/.well-known/did.json"] = (200, did_document(did, key))
    found = fetch_did_document(did, authorities=authorities)
    assert parse_did_document(found, did).holds(key)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("missing", (404, b"{}")),
        ("moved", (302, b"https://evil.example/did.json")),
        ("large", (200, b"x" * 20_000)),
    ],
)
def test_other_answers_are_refused(
    domain: tuple[str, str], path: str, answer: tuple[int, bytes]
) -> None:
    _Answers.answers[f"/{path}/did.json"] = answer
    with pytest.raises(CannotFetch):
        fetch_did_document(f"{domain[0]}:{path}", authorities=domain[1])


def test_an_unknown_authority_is_refused(domain: tuple[str, str]) -> None:
    with pytest.raises(CannotFetch, match="SSLError"):
        fetch_did_document(domain[0])
