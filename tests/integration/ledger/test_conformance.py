"""One scenario on three nodes: bare anvil, the supervised chain, and Hardhat's own node."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.integration.ledger.nodes import hardhat_node

from diptych.ledger.account import LocalAccount
from diptych.ledger.chain import Chain
from diptych.ledger.checks import check_chain
from diptych.ledger.devchain.control import create, stop
from diptych.ledger.devchain.throwaway import DEV_KEYS, throwaway_node
from diptych.ledger.doctor import DoctorQuestions, Outcome, examine
from diptych.ledger.profiles import ChainProfile
from diptych.ledger.providers import ChainPlace, open_chain
from diptych.ledger.rpc import Rpc

ACCOUNT = LocalAccount(bytes.fromhex(DEV_KEYS[0][2:]))
STEPS = [
    *("transfer", "deploy", "call", "revert", "events"),
    *("proof", "nonce", "replacement", "simulation"),
]


@contextmanager
def bare_anvil(folder: Path) -> Iterator[Chain]:
    del folder
    with throwaway_node() as url:
        yield Chain(Rpc(url), 31_337)


@contextmanager
def supervised(folder: Path) -> Iterator[Chain]:
    create(folder / "chain", [ACCOUNT.address])
    try:
        profile = ChainProfile("embedded", plugin="embedded")
        yield open_chain(profile, ChainPlace(folder / "chain"))
    finally:
        stop(folder / "chain")


@contextmanager
def hardhat(folder: Path) -> Iterator[Chain]:
    with hardhat_node(folder / "hardhat.log") as url:
        yield open_chain(ChainProfile("hardhat", url, 31_337), ChainPlace(folder))


Open = Callable[[Path], AbstractContextManager[Chain]]


@pytest.mark.node
@pytest.mark.parametrize("open_node", [bare_anvil, supervised, hardhat])
def test_chain_passes_the_suite(open_node: Open, tmp_path: Path) -> None:
    with open_node(tmp_path) as chain:
        results = check_chain(chain, ACCOUNT, folder=tmp_path)
        assert [result.name for result in results] == STEPS
        assert [result for result in results if not result.is_passed] == []
        questions = DoctorQuestions(ACCOUNT.address, {"anchor": 40_000}, max_age_s=None)
        answers = examine(chain, questions)
        assert [a for a in answers if a.outcome is not Outcome.OK] == []
        assert "price of anchor" in [a.name for a in answers]
