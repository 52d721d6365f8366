"""From nothing to a chain, through kills and restarts, to nothing again."""

import itertools
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from tests.integration.devchain.actor import Actor, Rpc
from tests.integration.devchain.conftest import Chain
from tests.unit.devchain.test_process import ends

from diptych.ledger import devchain
from diptych.ledger.devchain import Endpoint

pytestmark = pytest.mark.node


def test_a_sent_transaction_is_in_a_durable_block_when_it_is_answered(chain: Chain) -> None:
    rpc = chain.rpc()
    assert rpc.call("eth_chainId") == hex(chain.spec.chain_id)
    assert rpc.call("eth_accounts") == []
    (sent,) = rpc.send(chain.transfer())
    receipt = rpc.call("eth_getTransactionReceipt", sent)
    assert receipt["blockNumber"] == "0x1"
    status = devchain.status(chain.folder)
    assert status.running
    assert (status.number, status.block_hash) == rpc.head()
    assert status.funded == tuple(actor.address.lower() for actor in chain.actors)


def test_starting_twice_gives_the_same_supervisor(chain: Chain) -> None:
    assert chain.start() == chain.start()


def test_starting_at_once_from_many_sides_gives_one_supervisor(chain: Chain) -> None:
    found: list[Endpoint] = []
    threads = [threading.Thread(target=lambda: found.append(chain.start())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_blocks_survive_the_death_of_the_supervisor_and_nothing_is_orphaned(chain: Chain) -> None:
    first = chain.start()
    rpc = chain.rpc()
    rpc.send(*(chain.transfer(n) for n in range(4)))
    rpc.send(chain.transfer())
    before = rpc.head()
    anvil_pid = rpc.call("diptych_status")["anvil_pid"]
    os.kill(first.pid, signal.SIGKILL)
    assert ends(anvil_pid)
    second = chain.start()
    assert second.pid != first.pid
    assert second.session_id != first.session_id
    assert second.url == first.url
    assert second.genesis_hash == first.genesis_hash
    assert chain.rpc().head() == before


def test_the_death_of_anvil_is_noticed_and_mended(chain: Chain) -> None:
    rpc = chain.rpc()
    rpc.send(chain.transfer())
    before = rpc.head()
    os.kill(rpc.call("diptych_status")["anvil_pid"], signal.SIGKILL)
    assert rpc.head() == before
    rpc.send(chain.transfer())
    status = rpc.call("diptych_status")
    assert status["restarts"] == 1
    assert status["number"] == before[0] + 1


def test_a_clean_stop_leaves_a_chain_that_goes_on(chain: Chain) -> None:
    rpc = chain.rpc()
    rpc.send(chain.transfer())
    before = rpc.head()
    assert devchain.stop(chain.folder) is True
    assert devchain.stop(chain.folder) is False
    status = devchain.status(chain.folder)
    assert (status.running, status.number, status.block_hash) == (False, *before)
    again = chain.rpc()
    assert again.head() == before
    again.send(chain.transfer())
    assert again.head()[0] == before[0] + 1


def test_block_times_follow_the_clock_and_always_grow(chain: Chain) -> None:
    rpc = chain.rpc()
    for _ in range(4):
        rpc.call("diptych_mine", 1)
    assert rpc.call("diptych_mine", 3) == 7
    blocks = [rpc.call("eth_getBlockByNumber", hex(n), False) for n in range(8)]
    times = [int(block["timestamp"], 16) for block in blocks]
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert abs(times[1] - time.time()) < 30
    pending = rpc.call("eth_getBlockByNumber", "pending", False)
    assert abs(int(pending["timestamp"], 16) - times[-1]) < 30


def test_a_transaction_after_a_gap_waits_on_disk_until_the_gap_is_filled(chain: Chain) -> None:
    first, second, third = (chain.transfer() for _ in range(3))
    rpc = chain.rpc()
    (late,) = rpc.send(third)
    assert rpc.call("eth_getTransactionReceipt", late) is None
    assert rpc.head()[0] == 0
    os.kill(chain.start().pid, signal.SIGKILL)
    rpc = chain.rpc()
    assert rpc.call("diptych_status")["waiting"] == 1
    rpc.send(first, second)
    assert rpc.call("eth_getTransactionReceipt", late)["status"] == "0x1"
    assert devchain.status(chain.folder).waiting == 0


def test_a_batch_keeps_its_order(chain: Chain) -> None:
    raws = [chain.transfer(n % 4) for n in range(40)]
    rpc = chain.rpc()
    sent = rpc.send(*raws)
    assert rpc.call("eth_getBlockByNumber", "0x1", False)["transactions"] == sent


def test_concurrent_senders_share_blocks_and_lose_nothing(chain: Chain) -> None:
    chain.start()
    sent: list[str] = []

    def send(actor: int) -> None:
        rpc = chain.rpc()
        for _ in range(12):
            sent.extend(rpc.send(chain.transfer(actor)))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rpc = chain.rpc()
    assert len(set(sent)) == 48
    assert all(rpc.call("eth_getTransactionReceipt", tx)["status"] == "0x1" for tx in sent)
    assert rpc.head()[0] <= 48


def test_more_than_a_block_holds_goes_into_several_blocks(chain: Chain) -> None:
    def heavy(nonce: int) -> str:
        spec = {"to": None, "data": "0xfe", "gas": 25_000_000}  # INVALID burns all of it
        return chain.actors[0].sign(chain.spec.chain_id, nonce=nonce, **spec)

    rpc = chain.rpc()
    sent = rpc.send(*(heavy(nonce) for nonce in range(5)))
    numbers = [int(rpc.call("eth_getTransactionReceipt", tx)["blockNumber"], 16) for tx in sent]
    assert numbers == sorted(numbers)
    assert 1 < numbers[-1] == rpc.head()[0]


def test_what_anvil_refuses_is_passed_on_and_leaves_no_trace(chain: Chain) -> None:
    poor = Actor(99)
    rpc = chain.rpc()
    good = chain.transfer()
    answers = rpc.batch(
        [
            ("eth_sendRawTransaction", [raw])
            for raw in (poor.sign(chain.spec.chain_id), good, "0x00")
        ]
    )
    assert "Insufficient funds" in answers[0]["error"]["message"]
    assert "result" in answers[1]
    assert "error" in answers[2]
    assert rpc.head()[0] == 1
    assert "error" in rpc.answer("eth_sendRawTransaction", good)
    assert rpc.head()[0] == 1
    assert devchain.status(chain.folder).waiting == 0


def test_a_transaction_whose_money_went_before_it_is_not_acknowledged(chain: Chain) -> None:
    rich = 900_000 * 10**18
    first, second = (chain.actors[0].sign(chain.spec.chain_id, value=rich) for _ in range(2))
    rpc = chain.rpc()
    answers = rpc.batch([("eth_sendRawTransaction", [raw]) for raw in (first, second)])
    assert "result" in answers[0]
    assert answers[1]["error"]["data"]["code"] == "Chain.TransactionDropped"


def test_reset_begins_another_chain(chain: Chain) -> None:
    chain.rpc().send(chain.transfer())
    spec = devchain.reset(chain.folder)
    assert spec.chain_id != chain.spec.chain_id
    assert spec.funded == chain.spec.funded
    rpc = chain.rpc()
    assert rpc.call("eth_chainId") == hex(spec.chain_id)
    assert rpc.head()[0] == 0


def test_idleness_ends_the_supervisor_and_it_comes_back(chain: Chain) -> None:
    endpoint = devchain.ensure_running(chain.folder, idle_stop_s=0.3)
    assert ends(endpoint.pid)
    assert not devchain.status(chain.folder).running
    assert chain.start().url == endpoint.url


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    devchain.create(folder, [])
    rpc = Rpc(devchain.ensure_running(folder).url)
    assert rpc.head()[0] == 0
    rpc.close()
    assert devchain.stop(folder)
