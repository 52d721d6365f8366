"""The paths of the index server."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from diptych.app.http.index.answering import Answering, Overloaded
from diptych.app.http.index.asked import (
    RequestTooLarge,
    SqlPayload,
    body_of,
    decoded,
    question_of_url,
    read_question,
)
from diptych.app.http.index.limits import ServerOptions
from diptych.app.http.index.metrics import Metrics
from diptych.app.http.index.standing import Standing
from diptych.core.errors import DiptychError, UsageError

ARROW = "application/vnd.apache.arrow.stream"
_GRAPHQL = "application/graphql-response+json"
_MAX_ROWS = 1_000_000
_PAGE = {"": "text/html", "page.js": "text/javascript", "page.css": "text/css"}
Endpoint = Callable[[Request], Awaitable[Response]]


class NotAllowed(UsageError):
    """A request needs the token of `server.json`."""

    code = "Index.NotAllowed"


@dataclass(frozen=True)
class Routes:
    """What each path answers.

    Attributes:
        answering: the queries.
        standing: how far the index is.
        options: of the server.
        metrics: where requests are counted.
        token: known to who may read the index's folder.
    """

    answering: Answering
    standing: Standing
    options: ServerOptions
    metrics: Metrics
    token: str

    async def graphql(self, request: Request) -> Response:
        """Answer a GraphQL request, sent as JSON or in the URL."""
        if request.method == "GET":
            question = question_of_url(request.query_params)
        else:
            question = read_question(await body_of(request, self.options.limits))
        answer = await self.answering.graphql(question)
        if _GRAPHQL not in request.headers.get("accept", ""):
            return Response(answer, media_type="application/json")
        failed = answer.startswith(b'{"errors"')
        return Response(answer, 400 if failed else 200, media_type=_GRAPHQL)

    async def sql(self, request: Request) -> Response:
        """Answer a SELECT, as JSON rows or as an Arrow stream."""
        if not (self.options.sql or self._has_token(request)):
            raise NotAllowed("SQL is not answered here", hint="diptych index serve --sql")
        raw = await body_of(request, self.options.limits)
        asked = decoded(raw, SqlPayload)
        limits = self.options.limits.query
        rows = limits.rows if asked.limit is None else max(0, min(asked.limit, _MAX_ROWS))
        found = await self.answering.sql(
            asked.query, list(asked.parameters), limits._replace(rows=rows)
        )
        if ARROW in request.headers.get("accept", ""):
            return Response(_arrow(found), media_type=ARROW)
        columns = [{"name": one.name, "type": str(one.type)} for one in found.schema]
        shown = msgspec.json.encode({"columns": columns, "rows": found.to_pylist()})
        return Response(shown, media_type="application/json")

    async def held(self, request: Request) -> Response:
        """Answer what the index holds, to who knows the token."""
        if not self._has_token(request):
            raise NotAllowed("this is answered to who knows the token of server.json")
        digest = request.query_params.get("digest") == "1"
        return Response(await self.answering.held(digest=digest), media_type="application/json")

    async def health(self, request: Request) -> Response:
        """Answer 200 if the index is near the head, else 503."""
        well, shown = await self.answering.timed("health", self.standing.health)
        return JSONResponse(shown, 200 if well else 503)

    async def measured(self, request: Request) -> Response:
        """Answer figures for Prometheus."""
        figures = await self.answering.timed("metrics", self.standing.figures)
        text = self.metrics.text(figures)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    async def owner(self, request: Request) -> Response:
        """Prove to who knows the token that this is the server that wrote it."""
        nonce = request.query_params.get("nonce", "")[:128]
        proof = hmac.new(self.token.encode(), nonce.encode(), hashlib.sha256).hexdigest()
        return JSONResponse({"index": self.standing.name, "proof": proof})

    async def page(self, request: Request) -> Response:
        """Answer a file of the page."""
        name = request.url.path.lstrip("/")
        shown = files("diptych.app.http.index").joinpath("page", name or "page.html").read_bytes()
        return Response(shown, media_type=_PAGE[name])

    async def schema(self, request: Request) -> Response:
        """Answer the GraphQL schema as text."""
        return PlainTextResponse(self.answering.schema)

    def answered(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint whose errors are answers, and which is counted."""

        async def answer(request: Request) -> Response:
            response = await self._tried(endpoint, request)
            self.metrics.requests[request.url.path[:40], response.status_code] += 1
            return response

        return answer

    async def _tried(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except DiptychError as error:
            return JSONResponse({"errors": [shown_error(error)]}, _status(error))

    def _has_token(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        with suppress(UnicodeEncodeError):
            return hmac.compare_digest(given.encode("ascii"), f"Bearer {self.token}".encode())
        return False


def shown_error(error: DiptychError) -> dict[str, Any]:
    """Return an error as clients see it; the machine's own are not told in detail."""
    if isinstance(error, UsageError | Overloaded):
        shown: dict[str, Any] = {"message": error.message, "extensions": {"code": error.code}}
        return shown
    return {"message": "the index cannot answer now", "extensions": {"code": error.code}}


def _status(error: DiptychError) -> int:
    if isinstance(error, RequestTooLarge):
        return 413
    if isinstance(error, NotAllowed):
        return 403
    return 400 if isinstance(error, UsageError) else 503


def _arrow(table: Any) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())
