"""Take in what an Airflow or Spark job reported of its run, and ask where its output comes from.

Run: python examples/openlineage.py
"""

import json
import os
import tempfile
from pathlib import Path

import diptych

RUN = "0197a5c2-2c51-7d3e-9f0a-5f2f8f4f6a11"
PRODUCER = "https://github.com/OpenLineage/OpenLineage/tree/1.39.0/integration/airflow"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


def event(kind: str, time: str) -> dict[str, object]:
    """Return one RunEvent of a job that cleans a table of visits."""
    return {
        "eventType": kind,
        "eventTime": time,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": RUN},
        "job": {"namespace": "clinic", "name": "clean_visits"},
        "inputs": [{"namespace": "postgres://db:5432", "name": "clinic.visits"}],
        "outputs": [{"namespace": "file", "name": "visits_clean"}],
    }


def main() -> None:
    """Import two events of one run and show the lineage of what it wrote."""
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    with tempfile.TemporaryDirectory() as scratch:
        events = Path(scratch) / "events.ndjson"
        lines = [event("START", "2026-11-23T09:00:00Z"), event("COMPLETE", "2026-11-23T09:00:07Z")]
        events.write_text("".join(json.dumps(line) + "\n" for line in lines))
        book = diptych.create(scratch)
        print(book.data.import_openlineage(events).to_json())
        for node in book.lineage("openlineage/file/visits_clean").nodes:
            print(node.index, node.kind, node.name, node.state)


if __name__ == "__main__":
    main()
