"""Reading requests: bounded bodies, checked shapes."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from diptych.app.http.index.answering import Question
from diptych.app.http.index.limits import ServerLimits
from diptych.core.errors import UsageError

T = TypeVar("T")


class BadRequest(UsageError):
    """A request to the index server has another shape than expected."""

    code = "Index.BadRequest"


class RequestTooLarge(UsageError):
    """A request to the index server has too many bytes, or they come too slowly."""

    code = "Index.RequestTooLarge"


class Payload(msgspec.Struct):
    """A GraphQL request as clients send it; what else they send is left aside."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")

    def question(self) -> Question:
        """Return it in a form that can be compared."""
        variables = msgspec.json.encode(self.variables or {}, order="sorted")
        return Question(self.query, variables, self.operation_name)


class SqlPayload(msgspec.Struct):
    """A SELECT with its parameters."""

    query: str
    parameters: list[str | int | float | bool | None] = []
    limit: int | None = None


def read_question(raw: bytes) -> Question:
    """Return a GraphQL request.

    Raises:
        BadRequest: it is none.
    """
    return decoded(raw, Payload).question()


def question_of_url(given: Mapping[str, str]) -> Question:
    """Return the GraphQL request of a URL's parameters.

    Raises:
        BadRequest: it is none.
    """
    if "query" not in given:
        raise BadRequest("got no query", hint="send it as JSON, or as ?query=")
    variables = decoded(given.get("variables", "{}").encode(), dict[str, Any])
    return Payload(given["query"], variables, given.get("operationName")).question()


def decoded(raw: bytes, type_: type[T]) -> T:
    """Return JSON of a shape.

    Raises:
        BadRequest: it is no JSON, or of another shape.
    """
    try:
        return msgspec.json.decode(raw, type=type_)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest(f"got no request that can be read: {str(error)[:200]}") from error


async def body_of(request: Request, limits: ServerLimits) -> bytes:
    """Return the body of a request.

    Raises:
        BadRequest: it is not sent as JSON.
        RequestTooLarge: it is too long, or takes too long.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadRequest(f"got content type {kind[:80]!r}, expected application/json")
    try:
        async with asyncio.timeout(limits.body_s):
            return await _read(request, limits.body_bytes)
    except TimeoutError:
        raise RequestTooLarge(f"the body took longer than {limits.body_s:g} s") from None


async def _read(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise RequestTooLarge(f"got a body of more than {most:,} bytes")
        parts.append(part)
    return b"".join(parts)
