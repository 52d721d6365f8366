"""One HTTP POST to an endpoint: pooled connections, one deadline, a size limit, no redirects."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as HttpTimeout

from diptych.ledger.errors import Oversized, Unreachable
from diptych.ledger.masking import checked_url, clean_text, masked_url, url_secrets

_CHUNK_BYTES = 1 << 16
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True)
class HttpAnswer:
    """What came back.

    Attributes:
        status: HTTP status code.
        body: complete body, decoded.
        retry_after_s: the server's wish, or None.
    """

    status: int
    body: bytes
    retry_after_s: float | None = None


class Transport(Protocol):
    """Carries one request body to the endpoint."""

    @property
    def shown_url(self) -> str:
        """The endpoint as it may be shown."""
        ...

    def post(self, body: bytes) -> HttpAnswer:
        """Send `body` and return the whole answer."""
        ...

    def clean(self, text: str) -> str:
        """Mask this endpoint's secrets in a text."""
        ...


class HttpTransport:
    """The transport over urllib3; safe to share between threads."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 30.0,
        max_bytes: int = 32 << 20,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the pool; nothing is sent yet.

        Args:
            url: `http://` or `https://` endpoint; may hold secrets.
            timeout_s: seconds for the whole exchange, however slowly the server drips.
            max_bytes: largest answer that is read.
            monotonic: clock for the deadline, seconds.

        Raises:
            BadEndpoint: the URL cannot be used.
        """
        self._url = checked_url(url)
        self._secrets = url_secrets(url)
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._pool = urllib3.PoolManager(maxsize=8, retries=False)

    @property
    def shown_url(self) -> str:
        """The endpoint with its secrets masked."""
        return masked_url(self._url)

    def __repr__(self) -> str:
        return f"HttpTransport({self.shown_url})"

    def clean(self, text: str) -> str:
        """Mask this endpoint's secrets in a text and cut it."""
        return clean_text(text, self._secrets)

    def post(self, body: bytes) -> HttpAnswer:
        """Send `body` and return the whole answer.

        Raises:
            Unreachable: no connection, broken off or out of time.
            Oversized: the answer is larger than the limit.
        """
        deadline = self._monotonic() + self._timeout_s
        try:
            response = self._pool.request(
                "POST",
                self._url,
                body=body,
                headers=_HEADERS,
                preload_content=False,
                redirect=False,
                timeout=urllib3.Timeout(total=self._timeout_s),
            )
            try:
                payload = self._read(response, deadline)
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except (HTTPError, OSError, ValueError) as error:
            raise self._unreachable(error) from None
        return HttpAnswer(response.status, payload, _retry_after(response))

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK_BYTES):
            parts.append(chunk)
            size += len(chunk)
            if size > self._max_bytes:
                raise Oversized(
                    f"{self.shown_url}: got an answer above {self._max_bytes} bytes",
                    hint="ask for a smaller range of blocks",
                )
            if self._monotonic() > deadline:
                raise HttpTimeout(f"answer not complete after {self._timeout_s:g} s")
        return b"".join(parts)

    def _unreachable(self, error: Exception) -> Unreachable:
        reason = self.clean(str(error)) or type(error).__name__
        if isinstance(error, NewConnectionError):
            refused = Unreachable(
                f"{self.shown_url}: cannot connect", hint="diptych chain status", reason=reason
            )
            refused.certainly_not_sent = True
            return refused
        text = "no answer in time" if isinstance(error, HttpTimeout) else "no answer"
        return Unreachable(
            f"{self.shown_url}: {text} ({type(error).__name__})",
            hint="diptych chain doctor",
            reason=reason,
        )


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
