"""Outbox: real crashes at every state; sending and signing beside web3.py and eth-account.

Each crash kills a process with `os._exit` at a point of the outbox, on a bare anvil that mines,
reorganises and forgets. Sending one transaction and waiting for it is compared with web3.py on the
same node: ours also makes it durable before it leaves.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.outbox import Outbox
from diptych.ledger.rpc import Rpc
from diptych.ledger.transaction import Transaction
from harness import HERE, Row, arguments, peer_python, report, row, run_child

PEER = """
import json, sys, time
from eth_account import Account
from web3 import Web3
url, key, sends, signatures = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
w3, account = Web3(Web3.HTTPProvider(url)), Account.from_key(key)
def fields(nonce):
    return {"type": 2, "chainId": 31337, "nonce": nonce, "to": account.address, "value": 1,
            "gas": 21000, "maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**9}
start = time.perf_counter()
for nonce in range(sends):
    raw = account.sign_transaction({**fields(w3.eth.get_transaction_count(account.address)),
        "gas": w3.eth.estimate_gas({"from": account.address, "to": account.address})})
    w3.eth.wait_for_transaction_receipt(
        w3.eth.send_raw_transaction(raw.raw_transaction), poll_latency=0.01)
send_s = (time.perf_counter() - start) / sends
start = time.process_time()
for nonce in range(signatures):
    account.sign_transaction(fields(nonce))
print(json.dumps({"send_s": send_s, "sign_s": (time.process_time() - start) / signatures}))
"""


def crash_rows(count: int) -> list[Row]:
    """Kill processes `count` times and count what was doubled or lost."""
    script = str(HERE / "outbox_crashes.py")
    spent = run_child([sys.executable, script, "--count", str(count)])
    seen = json.loads(spent.output.splitlines()[-1])
    more = {name: seen[name] for name in ("crashes", "lives", "died_at")}
    return [
        row("outbox killed: double sends", seen["double_sends"], "sends", at_most=0, more=more),
        row("outbox killed: lost intents", seen["lost_intents"], "intents", at_most=0, more=more),
        row("outbox killed: crashes", seen["crashes"], "crashes", at_least=count),
    ]


def speed_rows(sends: int, signatures: int) -> list[Row]:
    """Send and sign as we do and as web3.py does, each on a fresh node."""
    python = peer_python("web3", "web3==7.13.0")
    with throwaway_node() as url:
        key = DEV_KEYS[1]
        command = [str(python), "-c", PEER, url, key, str(sends), str(signatures)]
        peer = json.loads(run_child(command).output.splitlines()[-1])
    with throwaway_node() as url:
        ours_s = _send_s(url, sends)
    return [
        row(
            "send one transaction and wait for it",
            ours_s * 1_000,
            "ms",
            peer=peer["send_s"] * 1_000,
            peer_name="web3.py, nothing durable",
        ),
        row(
            "sign one transaction (CPU)",
            _sign_s(signatures) * 1e6,
            "us",
            peer=peer["sign_s"] * 1e6,
            peer_name="eth-account",
            at_most=0.5,
        ),
    ]


def _send_s(url: str, sends: int) -> float:
    account = LocalAccount(bytes.fromhex(DEV_KEYS[0][2:]))
    with tempfile.TemporaryDirectory() as folder:
        outbox = Outbox.open(Path(folder) / "outbox.sqlite", Chain(Rpc(url), 31_337), account)
        start_s = time.perf_counter()
        for number in range(sends):
            outbox.send(f"k{number}", to=account.address, value_wei=1)
        spent_s = time.perf_counter() - start_s
        outbox.close()
    return spent_s / sends


def _sign_s(signatures: int) -> float:
    account = LocalAccount(bytes.fromhex(DEV_KEYS[0][2:]))
    start_s = time.process_time()
    for nonce in range(signatures):
        account.sign_transaction(
            Transaction(31_337, nonce, 10**9, 10**11, gas_limit=21_000, to=account.address)
        )
    return (time.process_time() - start_s) / signatures


if __name__ == "__main__":
    asked = arguments(__doc__)
    rows = crash_rows(30 if asked.quick else 500)
    rows += speed_rows(*((30, 200) if asked.quick else (200, 5_000)))
    sys.exit(report("outbox", rows, asked))
