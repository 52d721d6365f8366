"""Lineage over a log of a million records: build, catch up, walk ten hops, verify, draw."""

import json
import sys
import tempfile

from harness import HERE, WORK, Row, arguments, report, row, run_child

FULL, QUICK = 1_000_000, 30_000


def child(task: str, folder: str, count: int) -> dict[str, float]:
    """Run one task of lineage_child.py in a process of its own; add its peak memory."""
    command = [sys.executable, str(HERE / "lineage_child.py"), task, folder, str(count)]
    spent = run_child(command)
    figures: dict[str, float] = json.loads(spent.output.splitlines()[-1])
    return {**figures, "peak_mib": spent.peak_bytes / (1 << 20)}


def rows(count: int) -> list[Row]:
    """Measure everything on one log."""
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        child("grow", folder, count)
        built = child("build", folder, count)
        caught = child("catch_up", folder, count)
        asked = child("ask", folder, count)
        drawn = child("draw", folder, count)
    name = f"log of {count:,} records"
    nodes: dict[str, object] = {
        "nodes_median": asked["nodes_median"],
        "nodes_worst": asked["nodes_worst"],
    }
    return [
        row(
            f"{name}: lineage of 10 hops, graph file opened and compared with the log each time, "
            "median",
            asked["median_ms"],
            "ms",
            at_most=50,
            more={"p95_ms": asked["p95_ms"], **nodes},
        ),
        row(
            f"{name}: the same, worst of {asked['walks']:.0f}, half of them chosen as the largest",
            asked["worst_ms"],
            "ms",
            at_most=50,
            more=nodes,
        ),
        row(f"{name}: the same on an open graph, median", asked["open_ms"], "ms", more=nodes),
        row(f"{name}: the same downwards, median", asked["down_ms"], "ms"),
        row(f"{name}: and every node verified from the log, median", asked["verified_ms"], "ms"),
        row(f"{name}: as of a date, median", asked["as_of_ms"], "ms"),
        row(f"{name}: build the graph file", built["per_s"], "records/s"),
        row(f"{name}: peak memory of building", built["peak_mib"], "MiB"),
        row(f"{name}: graph file for each record", built["bytes_each"], "B"),
        row(f"{name}: catch up with one record", caught["one_ms"], "ms"),
        row(f"{name}: catch up with 1,000 records", caught["thousand_ms"], "ms"),
        row("SVG of 300 nodes", drawn["svg_ms"], "ms", more={"edges": drawn["edges"]}),
    ]


def main() -> int:
    """Measure everything."""
    asked = arguments(__doc__)
    return report("lineage", rows(QUICK if asked.quick else FULL), asked)


if __name__ == "__main__":
    sys.exit(main())
