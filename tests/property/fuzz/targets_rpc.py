"""The index's endpoints and cache: answers with logs and with blocks, and files of the cache."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from tests.property.fuzz.engine import Target
from tests.unit.index.made_node import MadeNode, made_node, source_of

from diptych.index.blocks import Chunk, LogSelector, Span, Wanted
from diptych.index.cache.segments import Segment, SegmentName, pack, unpack
from diptych.index.cache.streams import streams_of
from diptych.ledger.transport import HttpAnswer

_SPAN = Span(0, 2)
_ALL = (LogSelector(),)


@dataclass
class _Told:
    """A node that gives one answer as it is told to."""

    node: MadeNode
    method: bytes
    told: bytes | None = None
    given: list[bytes] = field(default_factory=list)
    shown_url: str = "http://node.example"

    def clean(self, text: str) -> str:
        """Return a text as it is."""
        return text

    def post(self, body: bytes) -> HttpAnswer:
        """Answer; of blocks only those that are asked for together are told."""
        blocks = self.method == b"eth_getBlockByNumber"
        if self.method not in body or (blocks and not isinstance(json.loads(body), list)):
            return self.node.post(body)
        raw = self.node.post(body).body if self.told is None else self.told
        self.given.append(raw)
        return HttpAnswer(200, raw)


def _answering(name: str, method: bytes, wanted: Wanted) -> Target:
    """Return a target that gives its input as the answer to one method."""
    node = made_node(3)
    true = _Told(node, method)
    _checked(source_of(true).fetch(_SPAN, wanted))

    def read(raw: bytes) -> object:
        return _checked(source_of(_Told(node, method, raw)).fetch(_SPAN, wanted))

    return Target(name, read, true.given[:1], "json", 25)


def _checked(chunk: Chunk) -> object:
    for table in (chunk.blocks, chunk.logs):
        table.validate(full=True)
    places = [chunk.logs.column(name).to_pylist() for name in ("block_number", "log_index")]
    keys = list(zip(*places, strict=True))
    assert keys == sorted(set(keys))
    return chunk.last


def _segment() -> Target:
    stream = streams_of(Wanted(logs=_ALL))[0]
    chunk = source_of(made_node(3)).fetch(_SPAN, Wanted(logs=_ALL))
    name, content = pack(stream, Segment(chunk.span, chunk.last, stream.rows(chunk)))

    def read(raw: bytes) -> Any:
        digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
        named = SegmentName(name.first, name.last, name.rows, digest)
        segment = unpack(named, stream, pa.py_buffer(raw))
        segment.rows.validate(full=True)
        return segment.last

    return Target("cache_segment", read, [content.to_pybytes()], "binary", 15)


def rpc_targets() -> list[Target]:
    """Return the targets."""
    near = Wanted(logs=_ALL, links=True)
    return [
        _answering("endpoint_logs", b"eth_getLogs", Wanted(logs=_ALL)),
        _answering("endpoint_blocks", b"eth_getBlockByNumber", near),
        _segment(),
    ]
