"""A bare anvil for tests, benchmarks and reorgs: nothing is kept, everything is allowed."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from diptych.ledger.binary import find_anvil
from diptych.ledger.devchain.process import launch, wait_for_line

DEV_MNEMONIC = "test test test test test test test test test test test junk"
DEV_KEYS: tuple[str, ...] = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
)
"""Publicly known keys of anvil's default mnemonic, 10,000 ether each; for throwaway nodes only."""


@contextmanager
def throwaway_node(
    *,
    chain_id: int = 31_337,
    extra: Sequence[str] = (),
    anvil: Path | None = None,
    start_timeout_s: float = 20.0,
) -> Iterator[str]:
    """Run a bare anvil on a free loopback port and yield its URL.

    It runs Prague rules, mines automatically unless `extra` says `--no-mining` or
    `--block-time N`, knows the funded `DEV_KEYS`, and answers `anvil_*` and
    `evm_*` (snapshot, revert, reorg). Nothing survives it.

    Args:
        chain_id: its chain id.
        extra: further anvil flags, for example `["--no-mining", "--order", "fifo"]`.
        anvil: the binary; default is `find_anvil()`.
        start_timeout_s: seconds to wait for it to listen.

    Raises:
        BinaryMissing: no anvil can be had.
        NodeFailed: it did not start, for example because of an unknown flag.
    """
    binary = anvil or find_anvil()
    command = [
        str(binary),
        *("--host", "127.0.0.1", "--port", "0", "--chain-id", str(chain_id)),
        *("--hardfork", "prague", "--color", "never"),
        *extra,
    ]
    with tempfile.TemporaryDirectory(prefix="diptych-node-") as scratch:
        process = launch(command, log_path=Path(scratch) / "anvil.log")
        try:
            line = wait_for_line(process, "Listening on ", timeout_s=start_timeout_s)
            yield f"http://{line.removeprefix('Listening on ').strip()}"
        finally:
            process.stop()
