"""The example of the index runs as its page says."""

import subprocess
import sys

from tests.style.tree import ROOT


def test_example_shows_the_log_at_both_blocks() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples/index_a_chain.py"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    first, *then = done.stdout.splitlines()
    assert first.endswith("2 events")
    assert [line.rsplit(maxsplit=2)[1] for line in then] == ["2", "3"]
