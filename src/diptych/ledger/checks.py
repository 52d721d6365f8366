"""Conformance suite for chains: one scenario that every chain plugin must pass.

Third parties run it on their own: `check_chain(chain, signer, folder=...)` returns what failed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import DiptychError
from diptych.ledger.account import TransactionSigner
from diptych.ledger.chain import Chain
from diptych.ledger.check_contract import ABI, INIT_CODE, NOTED_TOPIC
from diptych.ledger.errors import Reverted
from diptych.ledger.header import header_rlp
from diptych.ledger.outbox import Outbox, OutboxPolicy
from diptych.ledger.receipt_proof import build_receipt_proof
from diptych.ledger.records import CallRequest, LogFilter, Receipt
from diptych.ledger.reverts import RevertDecoder
from diptych.ledger.simulate import simulate
from diptych.ledger.transaction import Transaction
from diptych_verify.receipt import parse_header, verify_event

_WORD = (42).to_bytes(32, "big")
_RECIPIENT = "0x00000000000000000000000000000000000d1d1d"


@dataclass(frozen=True)
class CheckResult:
    """One step of the scenario.

    Attributes:
        name: the step.
        problem: what was wrong, empty when it passed.
    """

    name: str
    problem: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether the step passed."""
        return not self.problem


class _Expected(Exception):
    """A chain behaves differently than the suite expects."""


def check_chain(
    chain: Chain,
    signer: TransactionSigner,
    *,
    folder: Path,
    policy: OutboxPolicy | None = None,
) -> list[CheckResult]:
    """Run the scenario: transfer, deploy, call, revert, events, proof, replacement, simulation.

    Args:
        chain: the chain; it must mine what is sent to it.
        signer: a funded account that nothing else uses meanwhile.
        folder: for the outbox file.
        policy: when a transaction counts as final.

    Returns:
        Every step in order; after a failed deployment the rest is left out.
    """
    decoder = RevertDecoder({"Checks": ABI})
    outbox = Outbox.open(
        folder / "checks-outbox.sqlite", chain, signer, policy=policy, reverts=decoder
    )
    try:
        return _Scenario(chain, signer, outbox, decoder).run()
    finally:
        outbox.close()


class _Scenario:
    def __init__(
        self, chain: Chain, signer: TransactionSigner, outbox: Outbox, decoder: RevertDecoder
    ) -> None:
        self._chain = chain
        self._signer = signer
        self._outbox = outbox
        self._decoder = decoder
        self._contract = ""
        self._noted: Receipt | None = None

    def run(self) -> list[CheckResult]:
        results: list[CheckResult] = []
        for step in (
            self._transfer,
            self._deploy,
            self._call,
            self._revert,
            self._events,
            self._proof,
            self._nonce,
            self._replacement,
            self._simulation,
        ):
            results.append(_result(step))
            if step == self._deploy and not results[-1].is_passed:
                break
        return results

    def _transfer(self) -> None:
        before_wei = self._chain.balance_wei(_RECIPIENT)
        receipt = self._outbox.send("transfer", to=_RECIPIENT, value_wei=5)
        again = self._outbox.send("transfer", to=_RECIPIENT, value_wei=5)
        _expect("receipt of the repeated key", again.transaction_hash, receipt.transaction_hash)
        _expect("balance", self._chain.balance_wei(_RECIPIENT), before_wei + 5)
        _expect("gas of a transfer", receipt.gas_used, 21_000)

    def _deploy(self) -> None:
        receipt = self._outbox.send("deploy", to=None, data=INIT_CODE)
        self._contract = receipt.contract_address or ""
        _expect("code", self._chain.code(self._contract), INIT_CODE[12:])

    def _call(self) -> None:
        _expect("answer", self._chain.call(CallRequest(self._contract, _WORD)), _WORD)
        self._noted = self._outbox.send("note", to=self._contract, data=_WORD)
        _expect("status", self._noted.succeeded, True)

    def _revert(self) -> None:
        try:
            self._outbox.send("refused", to=self._contract)
        except Reverted as error:
            _expect("code of the refusal", error.code, "Checks.Refused")
        else:
            raise _Expected("got a transaction through that the contract refuses")
        # With a gas limit there is no estimate to refuse it: it is mined and fails there.
        try:
            self._outbox.send("refused on chain", to=self._contract, gas_limit=100_000)
        except Reverted as error:
            _expect("code of the mined refusal", error.code, "Checks.Refused")
        else:
            raise _Expected("got success for a transaction that reverted")

    def _events(self) -> None:
        receipt = self._mined()
        number = receipt.block_number
        wanted = LogFilter(number, number, (self._contract,), (NOTED_TOPIC,))
        entries = list(self._chain.logs(wanted))
        _expect("event data", [entry.data for entry in entries], [_WORD])
        _expect("events of the receipt", list(receipt.logs), entries)

    def _proof(self) -> None:
        proof = build_receipt_proof(self._chain, self._mined().transaction_hash)
        header = parse_header(proof.header)
        event = verify_event(header, proof.index, proof.proof, log_index=0)
        _expect("proven event", (event.topics, event.data), ((NOTED_TOPIC,), _WORD))
        head = self._chain.block_json("latest")
        _expect("head", parse_header(header_rlp(head)).number >= header.number, True)

    def _nonce(self) -> None:
        before = self._chain.nonce(self._signer.address)
        self._outbox.send("nonce", to=_RECIPIENT, value_wei=1)
        _expect("nonce", self._chain.nonce(self._signer.address), before + 1)

    def _replacement(self) -> None:
        """A dearer transaction with the same nonce takes the place of a waiting one."""
        nonce = self._chain.nonce(self._signer.address)
        first = self._sign(nonce + 1, value_wei=2, factor=2)
        second = self._sign(nonce + 1, value_wei=3, factor=3)
        self._chain.send_raw(first)
        replaced = self._chain.send_raw(second)
        self._chain.send_raw(self._sign(nonce, value_wei=1, factor=2))
        deadline_s = time.monotonic() + 30
        while self._chain.receipt(replaced) is None and time.monotonic() < deadline_s:
            time.sleep(0.02)
        _expect("nonce", self._chain.nonce(self._signer.address), nonce + 2)
        _expect("replacement is mined", self._chain.receipt(replaced) is not None, True)

    def _sign(self, nonce: int, *, value_wei: int, factor: int) -> bytes:
        fees = self._chain.fees()
        return self._signer.sign_transaction(
            Transaction(
                chain_id=self._chain.chain_id,
                nonce=nonce,
                max_priority_fee_wei=fees.priority_fee_wei * factor,
                max_fee_wei=fees.max_fee_wei * factor,
                gas_limit=21_000,
                to=_RECIPIENT,
                value_wei=value_wei,
            )
        )

    def _simulation(self) -> None:
        sender = self._signer.address
        good = simulate(self._chain, CallRequest(self._contract, _WORD, sender))
        _expect("simulated success", (good.succeeded, good.return_data), (True, _WORD))
        bad = simulate(self._chain, CallRequest(self._contract, b"", sender), reverts=self._decoder)
        _expect("simulated refusal", bad.reverted and bad.reverted.code, "Checks.Refused")

    def _mined(self) -> Receipt:
        if self._noted is None:
            raise _Expected("the call before was not mined")
        return self._noted


def _result(step: Callable[[], None]) -> CheckResult:
    name = step.__name__.removeprefix("_")
    try:
        step()
    except _Expected as error:
        return CheckResult(name, str(error))
    except DiptychError as error:
        return CheckResult(name, f"{error.code}: {error.message}")
    return CheckResult(name)


def _expect(what: str, got: object, expected: object) -> None:
    if got != expected:
        raise _Expected(f"got {what} = {got!r}, expected {expected!r}"[:500])
