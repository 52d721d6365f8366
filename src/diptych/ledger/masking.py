"""Secrets in endpoint URLs: user info, API keys in path or query. They never reach a message."""

import re
from urllib.parse import urlsplit

from diptych.ledger.errors import BadEndpoint

_MASK = "***"
_PLAIN_SEGMENT = re.compile(r"(?:v\d{1,2}|rpc|evm|eth|http|https|ws|wss|api|mainnet|sepolia|ext)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_MAX_TEXT = 300


def masked_url(url: str) -> str:
    """Return `url` with user info, unknown path segments and query masked.

    >>> masked_url("https://user:pw@rpc.example:8545/v3/0123abcd?key=x")
    'https://***@rpc.example:8545/v3/***?***'
    >>> masked_url("http://127.0.0.1:8545")
    'http://127.0.0.1:8545'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _MASK
    if parts.scheme not in {"http", "https", "ws", "wss"} or not host:
        return _MASK
    user = f"{_MASK}@" if "@" in parts.netloc else ""
    where = f"[{host}]" if ":" in host else host
    shown_port = f":{port}" if port is not None else ""
    path = "/".join(_shown_segment(part) for part in parts.path.split("/"))
    query = f"?{_MASK}" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{user}{where}{shown_port}{path}{query}"


def _shown_segment(segment: str) -> str:
    return segment if not segment or _PLAIN_SEGMENT.fullmatch(segment) else _MASK


def url_secrets(url: str) -> tuple[str, ...]:
    """Return the parts of `url` that must not be shown, longest first."""
    parts = urlsplit(url)
    found = {url, parts.username or "", parts.password or "", parts.query, parts.fragment}
    found.update(value for _, _, value in (p.partition("=") for p in parts.query.split("&")))
    found.update(s for s in parts.path.split("/") if not _PLAIN_SEGMENT.fullmatch(s))
    return tuple(sorted((secret for secret in found if secret), key=len, reverse=True))


def clean_text(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Make a server's text fit to show: secrets masked, no control characters, cut to 300."""
    for secret in secrets:
        text = text.replace(secret, _MASK)
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "..."


def checked_url(url: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Return `url` if it can be used as an endpoint.

    Raises:
        BadEndpoint: other scheme, no host, bad port, or characters that do not belong in a URL.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or _CONTROL.search(url) or " " in url:
        raise BadEndpoint(
            f"got endpoint '{masked_url(url)}', expected {' or '.join(schemes)}://HOST[:PORT][/PATH]",
            hint="diptych chain add NAME URL",
        )
    return url
