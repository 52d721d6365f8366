"""The peers of the index on the same chain: web3.py, cryo and Ponder.

Usage of the Python ones: index_peers.py web3|cryo URL TOKEN HEAD, in an environment of theirs.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

SIGNATURE = "Transfer(address indexed from, address indexed to, uint256 value)"
ABI = [
    {
        "type": "event",
        "name": "Transfer",
        "anonymous": False,
        "inputs": [
            {"name": "from", "type": "address", "indexed": True},
            {"name": "to", "type": "address", "indexed": True},
            {"name": "value", "type": "uint256", "indexed": False},
        ],
    }
]
_SPAN = 1_000
_PATIENCE_S = 300.0


def with_web3(url: str, token: str, head: int) -> int:
    """Fetch and decode all transfers; return how many."""
    from web3 import Web3

    chain = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": 120}))
    contract = chain.eth.contract(address=Web3.to_checksum_address(token), abi=ABI)
    found = 0
    for first in range(0, head + 1, _SPAN):
        last = min(first + _SPAN - 1, head)
        found += len(contract.events.Transfer().get_logs(from_block=first, to_block=last))
    return found


def with_cryo(url: str, token: str, head: int) -> int:
    """Fetch and decode all transfers into memory; return how many."""
    import cryo

    table = cryo.collect(
        "logs",
        blocks=[f"0:{head + 1}"],
        rpc=url,
        contract=[token],
        output_format="polars",
        inner_request_size=_SPAN,
        requests_per_second=1_000,
        max_concurrent_requests=8,
        event_signature=SIGNATURE,
    )
    return len(table)


def with_ponder(folder: Path, url: str, token: str, port: int) -> float:
    """Index all transfers by Ponder, one insert each; return seconds from sync to indexed.

    Raises:
        TimeoutError: it did not end within five minutes.
    """
    _write_project(folder, url, token)
    program = folder / "node_modules" / ".bin" / "ponder"
    command = [str(program), "start", "--schema", "p1", "--port", str(port)]
    command += ["--hostname", "127.0.0.1", "--log-format", "json"]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PONDER_TELEMETRY_DISABLED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            return _watched(child)
        finally:
            os.killpg(child.pid, signal.SIGKILL)


def _write_project(folder: Path, url: str, token: str) -> None:
    (folder / "ponder.config.ts").write_text(
        'import { createConfig } from "ponder";\nimport { http } from "viem";\n'
        f"const abi = {json.dumps(ABI)} as const;\n"
        "export default createConfig({ networks: { local: { chainId: 31337, transport: "
        f'http("{url}") }} }}, contracts: {{ Tok: {{ network: "local", abi, address: "{token}",'
        " startBlock: 0 } } });\n"
    )
    (folder / "ponder.schema.ts").write_text(
        'import { onchainTable } from "ponder";\n'
        'export const transfer = onchainTable("transfer", (t) => ({ id: t.text().primaryKey(), '
        "from: t.hex().notNull(), to: t.hex().notNull(), value: t.bigint().notNull(), "
        "block: t.bigint().notNull() }));\n"
    )
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src" / "index.ts").write_text(
        'import { ponder } from "ponder:registry";\nimport { transfer } from "ponder:schema";\n'
        'ponder.on("Tok:Transfer", async ({ event, context }) => { await context.db'
        ".insert(transfer).values({ id: event.id, from: event.args.from, "
        "to: event.args.to, value: event.args.value, block: event.block.number }); });\n"
    )
    (folder / "src" / "api").mkdir(exist_ok=True)
    (folder / "src" / "api" / "index.ts").write_text(
        'import { Hono } from "hono";\nexport default new Hono();\n'
    )
    (folder / "package.json").write_text('{"name": "peer", "private": true, "type": "module"}')


def _watched(child: "subprocess.Popen[str]") -> float:
    assert child.stdout is not None
    began, deadline, said = 0.0, time.monotonic() + _PATIENCE_S, []
    for line in child.stdout:
        said.append(line)
        if "Started" in line and "historical sync" in line and not began:
            began = time.perf_counter()
        if "Completed" in line and "historical indexing" in line:
            return time.perf_counter() - began
        if time.monotonic() > deadline:
            raise TimeoutError("Ponder did not end in time")
    raise RuntimeError("Ponder ended by itself:\n" + "".join(said[-20:]))


def main() -> None:
    """Run one of the Python peers and say what it took."""
    how, url, token, head = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    run = with_web3 if how == "web3" else with_cryo
    run(url, token, min(head, 10))
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    events = run(url, token, head)
    wall_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"events": events, "wall_s": wall_s, "cpu_s": cpu_s}), flush=True)
    os._exit(0)  # cryo sometimes crashes while the interpreter is taken apart


if __name__ == "__main__":
    main()
