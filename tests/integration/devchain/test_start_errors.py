"""Every way a start can fail says which it is and what to do next."""

import http.server
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.integration.devchain.conftest import Chain
from tests.unit.devchain.test_process import ends

from diptych.ledger import devchain
from diptych.ledger.devchain.errors import (
    AlreadyCreated,
    BinaryMissing,
    Diverged,
    ForeignChain,
    Locked,
    NewerFormat,
    NotCreated,
    PortTaken,
    StoreCorrupt,
)
from diptych.ledger.devchain.place import Endpoint, FolderLock, Place, write_endpoint
from diptych.ledger.devchain.store import BlockStore, StoredBlock

pytestmark = pytest.mark.node


def test_without_a_chain_nothing_starts(tmp_path: Path) -> None:
    for call in (devchain.ensure_running, devchain.status):
        with pytest.raises(NotCreated):
            call(tmp_path)
    assert devchain.stop(tmp_path) is False


def test_a_chain_is_not_created_over_another(chain: Chain) -> None:
    with pytest.raises(AlreadyCreated):
        devchain.create(chain.folder, [])
    assert devchain.status(chain.folder).chain_id == chain.spec.chain_id


def test_a_taken_port_is_named(chain: Chain) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            devchain.ensure_running(chain.folder, port=port)
    assert devchain.ensure_running(chain.folder, port=port).url.endswith(f":{port}")


def test_a_last_port_that_is_taken_is_replaced(chain: Chain) -> None:
    old = chain.start()
    devchain.stop(chain.folder)
    write_endpoint(Place(chain.folder), old)
    with answering(b"{}", int(old.url.rpartition(":")[2])):
        assert chain.start().url != old.url


def test_a_missing_binary_is_reported_by_the_caller_too(chain: Chain, tmp_path: Path) -> None:
    with pytest.raises(BinaryMissing, match="expected an executable anvil"):
        devchain.ensure_running(chain.folder, anvil=tmp_path / "none")


def test_a_folder_from_a_newer_version_is_refused(chain: Chain) -> None:
    sql(chain.folder, "UPDATE meta SET value='99' WHERE key='format'")
    with pytest.raises(NewerFormat) as caught:
        chain.start()
    assert "upgrade" in caught.value.hint


def test_a_silent_holder_of_the_folder_is_named(chain: Chain) -> None:
    lock = FolderLock.take(Place(chain.folder).lock)
    lock.sign()
    with pytest.raises(Locked, match=str(os.getpid())):
        devchain.ensure_running(chain.folder, timeout_s=0.2)
    lock.release()
    assert chain.start().chain_id == chain.spec.chain_id


def test_somebody_else_on_the_port_is_not_talked_to(chain: Chain) -> None:
    lock = FolderLock.take(Place(chain.folder).lock)
    session = {"session_id": "other", "chain_id": chain.spec.chain_id, "genesis_hash": "0x"}
    answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": session}).encode()
    with answering(answer, 0) as port:
        url = f"http://127.0.0.1:{port}"
        write_endpoint(
            Place(chain.folder), Endpoint(url, chain.spec.chain_id, "mine", "0x", os.getpid())
        )
        with pytest.raises(ForeignChain, match=url):
            devchain.ensure_running(chain.folder, timeout_s=0.2)
    lock.release()


@contextmanager
def answering(answer: bytes, port: int) -> Iterator[int]:
    """A foreign HTTP server that says the same to everybody."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def sql(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "blocks.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()


def with_three_blocks(chain: Chain) -> None:
    rpc = chain.rpc()
    for _ in range(3):
        rpc.send(chain.transfer())
    devchain.stop(chain.folder)


def test_a_damaged_row_refuses_to_start(chain: Chain) -> None:
    with_three_blocks(chain)
    sql(chain.folder, "UPDATE blocks SET time_s=time_s+1 WHERE number=2")
    with pytest.raises(StoreCorrupt, match="block 2"):
        chain.start()


def test_a_forged_block_refuses_to_start_and_names_both_hashes(chain: Chain) -> None:
    with_three_blocks(chain)
    store = BlockStore.open(chain.folder / "blocks.sqlite")
    block = store.block(2)
    assert block is not None
    assert block.block_hash is not None
    store.seal(StoredBlock(2, block.time_s, block.raws, bytes(32)), [])
    store.close()
    with pytest.raises(Diverged) as caught:
        chain.start()
    assert "block 2" in caught.value.message
    assert block.block_hash.hex() in caught.value.message
    assert "00" * 32 in caught.value.message


def test_a_forged_transaction_refuses_to_start(chain: Chain) -> None:
    with_three_blocks(chain)
    store = BlockStore.open(chain.folder / "blocks.sqlite")
    block = store.block(2)
    assert block is not None
    store.seal(StoredBlock(2, block.time_s, (), block.block_hash), [])
    store.close()
    with pytest.raises(Diverged):
        chain.start()


def test_a_lost_block_refuses_to_start(chain: Chain) -> None:
    with_three_blocks(chain)
    sql(chain.folder, "DELETE FROM blocks WHERE number=1")
    with pytest.raises(StoreCorrupt, match="block 1"):
        chain.start()


def test_a_lost_store_file_is_said_to_be_corrupt(chain: Chain) -> None:
    with_three_blocks(chain)
    (chain.folder / "blocks.sqlite").write_bytes(os.urandom(5000))
    with pytest.raises(StoreCorrupt):
        chain.start()


def test_the_starter_is_not_held_up_by_what_it_started(chain: Chain) -> None:
    script = (
        "import sys, pathlib; from diptych.ledger import devchain;"
        "print(devchain.ensure_running(pathlib.Path(sys.argv[1])).url)"
    )
    started_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, str(chain.folder)],
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.decode().strip() == chain.start().url
    assert time.monotonic() - started_s < 10


def test_a_supervisor_whose_folder_is_deleted_ends_and_spares_the_new_one(chain: Chain) -> None:
    old = chain.start()
    shutil.rmtree(chain.folder)
    spec = devchain.create(chain.folder, [])
    new = chain.start()
    assert ends(old.pid)
    assert (new.chain_id, devchain.status(chain.folder).running) == (spec.chain_id, True)
    assert not (chain.folder / "snapshots").exists()
