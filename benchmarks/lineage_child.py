"""One measured task on a large graph, in a process of its own; prints one JSON object.

Usage: python lineage_child.py TASK FOLDER COUNT

The log tells of data, runs and models as teams make them: most records use one to three of the
2,000 before them, one in ten goes far back. Half of the walks start at a record chosen for having
much behind it.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from diptych.core.errors import JsonValue
from diptych.provenance.graph import Direction, Graph, WalkOptions, walk
from diptych.provenance.graph.lineage import Lineage, LineageEdge, LineageNode
from diptych.provenance.graph.states import Judge, State
from diptych.provenance.graph.svg import lineage_svg
from diptych.provenance.graph.terms import ENDINGS, NodeType
from diptych.provenance.keys.log_signer import LogSigner
from diptych.provenance.keys.records import begin_log
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych.provenance.trust import workspace_policy
from diptych_verify.merkle import leaf_hash

Figures = dict[str, float]
_LOG_KEY = LogSigner("diptych.log/00112233445566778899aabbccddeeff", b"\x07" * 32)
_OWN = Ed25519Signer(b"\x08" * 32)
_BATCH, _NEAR, _START_S, _WALKS = 1_000, 2_000, 1_700_000_000, 200
_KINDS = (("dataset", "derivedFrom"), ("run", "used"), ("model", "trainedOn"))
TEN_HOPS = WalkOptions(depth=10)


def grow(folder: Path, count: int) -> Figures:
    """Write the log, signed, and some records more for `catch_up`."""
    random = Random(5)
    ids: list[str] = []
    with Log.create(folder / "log.sqlite", _LOG_KEY) as log, log.writer() as writer:
        begin_log(writer, _OWN, time_s=_START_S)
        ids.append(leaf_hash(log.entry(0)).hex())
        while len(ids) < count:
            stop = min(count, len(ids) + _BATCH)
            _append(writer.append, ids, stop, random)
    (folder / "ids.json").write_text(json.dumps(ids[-_NEAR:]))
    return {}


def _append(
    append: Callable[[list[bytes]], object], ids: list[str], stop: int, random: Random
) -> None:
    # A record can name one of its own batch only once that is signed: batches look further back.
    drafts = [_draft(index, ids, random) for index in range(len(ids), stop)]
    envelopes = sign_statements(drafts, _OWN)
    append(envelopes)
    ids += [leaf_hash(envelope).hex() for envelope in envelopes]


def _draft(index: int, ids: list[str], random: Random) -> Draft:
    kind, relation = _KINDS[index % len(_KINDS)]
    known = len(ids)
    ends = set()
    for _ in range(random.choice((1, 1, 2, 3))):
        low = max(0, known - _NEAR) if random.random() < 0.9 else 0
        ends.add(ids[random.randrange(low, known)])
    digest = f"{index:064x}"
    fields: dict[str, JsonValue] = {}
    if kind == "dataset":
        fields["manifest"] = {
            "algorithms": ["sha256"],
            "root": digest,
            "files": 12,
            "bytes": 34_567,
            "object": digest,
        }
    return Draft(
        kind,
        (Subject(f"{kind}-{index}", {"diptychManifest1": digest}),),
        _START_S + index,
        tuple(Edge(relation, end) for end in sorted(ends)),
        fields,
    )


def build(folder: Path, count: int) -> Figures:
    """Index the whole log."""
    path = folder / "graph.sqlite"
    with Log.open(folder / "log.sqlite") as log, Graph(path) as graph:
        took_s = _timed(lambda: graph.catch_up(log)) / 1e3
    return {"per_s": count / took_s, "bytes_each": path.stat().st_size / count}


def catch_up(folder: Path, count: int) -> Figures:
    """Append some more and catch up, a fresh process's way: open, compare, add."""
    ids: list[str] = json.loads((folder / "ids.json").read_text())
    random, one, thousand = Random(6), [], []
    with Log.open(folder / "log.sqlite", signer=_LOG_KEY) as log, log.writer() as writer:

        def measured(more: int) -> float:
            _append(writer.append, ids, len(ids) + more, random)
            return _timed(lambda: _caught_up(folder, log))

        for _ in range(5):
            one.append(measured(1))
            thousand.append(measured(1_000))
    return {"one_ms": statistics.median(one), "thousand_ms": statistics.median(thousand)}


def _caught_up(folder: Path, log: Log) -> None:
    with Graph(folder / "graph.sqlite") as graph:
        graph.catch_up(log)


def ask(folder: Path, count: int) -> Figures:
    """Walk ten hops from records with much behind them, and from any."""
    with Log.open(folder / "log.sqlite") as log, Graph(folder / "graph.sqlite") as graph:
        graph.catch_up(log)
        starts = _starts(graph, log)
        opened, kept, down, verified, dates, sizes = [], [], [], [], [], []
        for start in starts:
            opened.append(_timed(partial(_from_scratch, folder, log, start)))
            kept.append(_timed(partial(_walked, graph, log, start)))
            sizes.append(_walked(graph, log, start))
            down.append(_timed(partial(_walked, graph, log, start // 2, up=False)))
            dates.append(_timed(partial(graph.as_of, _START_S + start)))
        for start in starts[:40]:
            verified.append(_timed(partial(_verified, graph, log, start)))
    return {
        "walks": len(opened),
        "worst_ms": max(opened),
        "p95_ms": statistics.quantiles(opened, n=20)[-1],
        "median_ms": statistics.median(opened),
        "open_ms": statistics.median(kept),
        "down_ms": statistics.median(down),
        "as_of_ms": statistics.median(dates),
        "verified_ms": statistics.median(verified),
        "nodes_median": statistics.median(sizes),
        "nodes_worst": max(sizes),
    }


def _starts(graph: Graph, log: Log) -> list[int]:
    random = Random(7)
    tried = [random.randrange(log.size // 2, log.size) for _ in range(2 * _WALKS)]
    ranked = sorted(tried, key=lambda start: -_walked(graph, log, start))
    chosen = ranked[: _WALKS // 2] + tried[: _WALKS - _WALKS // 2]
    random.shuffle(chosen)
    return chosen


def _from_scratch(folder: Path, log: Log, start: int) -> None:
    with Graph(folder / "graph.sqlite") as graph:
        graph.catch_up(log)
        _walked(graph, log, start)


def _walked(graph: Graph, log: Log, start: int, *, up: bool = True) -> int:
    options = TEN_HOPS if up else WalkOptions(Direction.DOWN, depth=10)
    found = walk(graph, start, size=log.size, options=options)
    return len(graph.nodes(found.hops))


def _verified(graph: Graph, log: Log, start: int) -> None:
    found = walk(graph, start, size=log.size, options=TEN_HOPS)
    endings = list(graph.edges_to(list(found.hops), ENDINGS, size=log.size, limit=10_000))
    judged = Judge(log, workspace_policy(log)).judge_all(found.hops, endings)
    assert all(one.state is State.VERIFIED for one in judged.values())


def draw(folder: Path, count: int) -> Figures:
    """Lay out and write a picture of 300 nodes."""
    del folder, count
    random = Random(8)
    nodes = tuple(
        LineageNode(str(n), NodeType.ENTITY, "dataset", f"data-{n}", State.VERIFIED, "", n)
        for n in range(300)
    )
    edges = tuple(_edges(random))
    lineage = Lineage("299", "diptych.log/00", 300, nodes, edges)
    return {
        "svg_ms": min(_timed(lambda: lineage_svg(lineage)) for _ in range(3)),
        "edges": len(edges),
    }


def _edges(random: Random) -> Iterator[LineageEdge]:
    for source in range(1, 300):
        for _ in range(random.choice((1, 1, 2))):
            yield LineageEdge(
                str(source), "derivedFrom", str(max(0, source - random.randint(1, 40)))
            )


def _timed(act: Callable[[], object]) -> float:
    """Return milliseconds."""
    start_s = time.perf_counter()
    act()
    return 1e3 * (time.perf_counter() - start_s)


TASKS: dict[str, Callable[[Path, int], Figures]] = {
    "grow": grow,
    "build": build,
    "catch_up": catch_up,
    "ask": ask,
    "draw": draw,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
