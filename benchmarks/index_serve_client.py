"""Asks a served index over HTTP and says how long answers took, as JSON.

Usage: index_serve_client.py one-by-one|open-loop URL FILE COUNT RATE. FILE holds a JSON list of
GraphQL bodies that are sent in turn. The open loop sends each request when it is due, whatever
became of those before; its times are taken from then on.
"""

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

_CONNECTIONS = 64


class Client:
    """Connections that are kept, one request at a time on each."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = str(place.hostname), int(place.port or 80)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(_CONNECTIONS)

    async def ask(self, body: bytes) -> bool:
        """Send one request; whether its answer has data and no errors."""
        async with self._room:
            if self._idle:
                reader, writer = self._idle.pop()
            else:
                reader, writer = await asyncio.open_connection(self._host, self._port)
            head = (
                f"POST /graphql HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            raw = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.split(b": ", 1) for line in raw.lower().split(b"\r\n")[1:] if line)
            answer = await reader.readexactly(int(fields[b"content-length"]))
            self._idle.append((reader, writer))
        return raw.startswith(b"HTTP/1.1 200") and answer.startswith(b'{"data"')


async def one_by_one(client: Client, bodies: list[bytes], count: int) -> list[float]:
    """Return the seconds of requests sent one after the other; negative for errors."""
    times = []
    for place in range(count):
        began = time.perf_counter()
        well = await client.ask(bodies[place % len(bodies)])
        took = time.perf_counter() - began
        times.append(took if well else -took)
    return times


async def open_loop(client: Client, bodies: list[bytes], count: int, rate: float) -> list[float]:
    """Return the seconds of requests sent at a rate; negative for errors."""
    began = time.perf_counter()

    async def one(place: int) -> float:
        due = began + place / rate
        await asyncio.sleep(due - time.perf_counter())
        try:
            well = await client.ask(bodies[place % len(bodies)])
        except (OSError, EOFError):
            well = False
        took = time.perf_counter() - due
        return took if well else -took

    return list(await asyncio.gather(*(one(place) for place in range(count))))


async def main() -> None:
    """Ask and say what it took."""
    how, url, path, count, rate = sys.argv[1:6]
    bodies = [json.dumps(one).encode() for one in json.loads(Path(path).read_text())]
    client = Client(url)
    await one_by_one(client, bodies, min(20, len(bodies)))
    if how == "one-by-one":
        times = await one_by_one(client, bodies, int(count))
    else:
        times = await open_loop(client, bodies, int(count), float(rate))
    good = sorted(one for one in times if one >= 0)
    found = {
        "errors": len(times) - len(good),
        "p50_ms": statistics.median(good) * 1e3,
        "p99_ms": good[int(len(good) * 0.99)] * 1e3,
        "longest_ms": good[-1] * 1e3,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
