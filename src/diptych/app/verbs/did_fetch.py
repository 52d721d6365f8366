"""Get the DID document of a did:web from its domain, when somebody asks for it.

Over TLS only, without redirects, at most 16 KiB in ten seconds. Verifiers never do this.
"""

import time
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError

from diptych.core.errors import EnvironmentFault
from diptych_verify.identity.did import MAX_DOCUMENT_BYTES, did_web_url

_LIMIT_S: Final = 10.0
_CHUNK_BYTES = 4096


class CannotFetch(EnvironmentFault):
    """A DID document could not be had from its domain."""

    code = "Identity.CannotFetch"


def fetch_did_document(did: str, *, authorities: str | None = None) -> bytes:
    """Return the bytes of a DID document.

    Args:
        did: a did:web.
        authorities: PEM file of certificate authorities, by default those of the system.

    Raises:
        MalformedError: not a did:web.
        CannotFetch: no answer, an answer other than 200 (redirects too), too large or too slow.
    """
    url = did_web_url(did)
    pool = urllib3.PoolManager(
        retries=False, cert_reqs="CERT_REQUIRED", ca_certs=authorities, maxsize=1
    )
    ends_s = time.monotonic() + _LIMIT_S
    try:
        with pool.request(
            "GET",
            url,
            headers={"accept": "application/did+json, application/json"},
            preload_content=False,
            decode_content=False,
            redirect=False,
            timeout=urllib3.Timeout(total=_LIMIT_S),
        ) as response:
            if response.status != 200:
                raise CannotFetch(f"{url} answered {response.status}, expected 200")
            return _read(response, url, ends_s)
    except HTTPError as error:
        raise CannotFetch(
            f"{url}: {type(error).__name__}", hint="fetch it yourself, then --document FILE"
        ) from error
    finally:
        pool.clear()


def _read(response: urllib3.BaseHTTPResponse, url: str, ends_s: float) -> bytes:
    found = bytearray()
    while chunk := response.read(_CHUNK_BYTES):
        found += chunk
        if len(found) > MAX_DOCUMENT_BYTES or time.monotonic() > ends_s:
            raise CannotFetch(f"{url}: more than {MAX_DOCUMENT_BYTES} bytes or {_LIMIT_S:.0f} s")
    return bytes(found)
