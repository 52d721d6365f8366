"""The single questions that `examine` asks a chain."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from diptych.core.clock import Clock
from diptych.core.errors import DiptychError
from diptych.ledger.chain import Chain
from diptych.ledger.errors import RpcRefused
from diptych.ledger.hard_fork import missing_features
from diptych.ledger.header import header_rlp
from diptych.ledger.masking import clean_text
from diptych.ledger.receipt_proof import receipts_trie

_MAX_FUTURE_S = 15.0
_SHOWN_DECIMALS = 9


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class DoctorCheck:
    """One answered question.

    Attributes:
        name: what was checked.
        outcome: how it ended.
        detail: one sentence.
        hint: what to do, empty when nothing is to be done.
    """

    name: str
    outcome: Outcome
    detail: str
    hint: str = ""


@dataclass(frozen=True)
class DoctorQuestions:
    """What is to be judged besides the endpoint.

    Attributes:
        address: account that will pay, None to skip funding.
        gas: operation to the gas that it uses, for prices.
        max_age_s: oldest acceptable head; None for chains that only mine on demand.
        max_fee_wei: highest fee per gas that is ever offered.
    """

    address: str | None = None
    gas: Mapping[str, int] | None = None
    max_age_s: float | None = 300.0
    max_fee_wei: int = 500 * 10**9


@dataclass(frozen=True)
class Examination:
    """What the checks work with: the chain, what is asked, and the time."""

    chain: Chain
    asked: DoctorQuestions
    clock: Clock


Check = Callable[[Examination], Iterator[DoctorCheck]]


def check_endpoint(examination: Examination) -> Iterator[DoctorCheck]:
    """Is it there, and is it the right chain?"""
    chain = examination.chain
    chain_id = chain.chain_id
    try:
        version = clean_text(str(chain.request("web3_clientVersion")))
    except RpcRefused:
        version = "unknown client"
    detail = f"{chain.rpc.shown_url} serves chain {chain_id} ({version})"
    yield DoctorCheck("endpoint", Outcome.OK, detail)


def check_sync(examination: Examination) -> Iterator[DoctorCheck]:
    """Is its head new, and does its clock agree with ours?"""
    chain, max_age_s = examination.chain, examination.asked.max_age_s
    head = chain.block("latest")
    ahead_s = head.timestamp_s - examination.clock()
    if ahead_s > _MAX_FUTURE_S:
        yield DoctorCheck(
            "clock",
            Outcome.WARNING,
            f"block {head.number} is {ahead_s:.0f} s in the future of this machine's clock",
            "set this machine's clock",
        )
    try:
        syncing = chain.request("eth_syncing") is not False
    except RpcRefused:
        syncing = False
    if max_age_s is not None:
        chain.require_fresh(max_age_s)
    if syncing:
        yield DoctorCheck(
            "sync", Outcome.FAILED, f"still syncing at block {head.number}", "wait for the node"
        )
    else:
        yield DoctorCheck("sync", Outcome.OK, f"head is block {head.number}")


def check_features(examination: Examination) -> Iterator[DoctorCheck]:
    """Does it know the instructions that our contracts are compiled to?"""
    missing = missing_features(examination.chain)
    if missing:
        hint = "choose a chain with the Cancun hard fork"
        yield DoctorCheck("hard fork", Outcome.FAILED, "lacks " + "; ".join(missing), hint)
    else:
        yield DoctorCheck("hard fork", Outcome.OK, "Cancun or later")


def check_proofs(examination: Examination) -> Iterator[DoctorCheck]:
    """Can receipts be proven from what it tells?"""
    chain = examination.chain
    block = chain.block("latest")
    try:
        header_rlp(chain.block_json(block.hash))
        trie = receipts_trie(chain.block_receipts(block.number))
    except DiptychError as error:
        yield DoctorCheck(
            "receipt proofs",
            Outcome.WARNING,
            f"{error.code}: {error.message}",
            "anchoring works, but bundles will show no chain evidence",
        )
        return
    if trie.root == block.receipts_root:
        yield DoctorCheck("receipt proofs", Outcome.OK, f"block {block.number} is proven")
    else:
        yield DoctorCheck(
            "receipt proofs", Outcome.WARNING, f"receipts of block {block.number} do not match"
        )


def check_finality(examination: Examination) -> Iterator[DoctorCheck]:
    """Does it say which blocks are final?"""
    block = examination.chain.finalized_block()
    if block is None:
        hint = "set chain.confirmations to a number of blocks"
        yield DoctorCheck("finality", Outcome.WARNING, "no finalized tag", hint)
    else:
        yield DoctorCheck("finality", Outcome.OK, f"finalized up to block {block.number}")


def check_fees(examination: Examination) -> Iterator[DoctorCheck]:
    """What does each operation cost now?"""
    fees, cap_wei = examination.chain.fees(), examination.asked.max_fee_wei
    price_wei = fees.base_fee_wei + fees.priority_fee_wei
    if price_wei > cap_wei:
        yield DoctorCheck(
            "fees",
            Outcome.FAILED,
            f"gas costs {price_wei} wei, above the cap of {cap_wei} wei",
            "wait, or raise chain.max_fee_gwei",
        )
    else:
        yield DoctorCheck("fees", Outcome.OK, f"gas costs {shown_gwei(price_wei)} gwei")
    for operation, gas in (examination.asked.gas or {}).items():
        detail = f"{gas} gas, {shown_ether(gas * price_wei)} ether"
        yield DoctorCheck(f"price of {operation}", Outcome.OK, detail)


def check_funding(examination: Examination) -> Iterator[DoctorCheck]:
    """Can the account pay for the dearest operation?"""
    address = examination.asked.address
    if address is None:
        return
    balance_wei = examination.chain.balance_wei(address)
    needed_gas = max((examination.asked.gas or {"transfer": 21_000}).values())
    needed_wei = needed_gas * examination.chain.fees().max_fee_wei
    detail = f"{address} has {shown_ether(balance_wei)} ether"
    if balance_wei < needed_wei:
        yield DoctorCheck(
            "funding",
            Outcome.FAILED,
            f"{detail}, the dearest operation may take {shown_ether(needed_wei)}",
            f"send funds to {address}",
        )
    else:
        yield DoctorCheck("funding", Outcome.OK, detail)


def shown_ether(amount_wei: int) -> str:
    """Return an amount in ether, for people.

    >>> shown_ether(1_500_000_000_000_000_000)
    '1.5'
    """
    return _shown(Decimal(amount_wei) / 10**18)


def shown_gwei(amount_wei: int) -> str:
    """Return an amount in gwei, for people.

    >>> shown_gwei(2_000_000_001)
    '2.000000001'
    """
    return _shown(Decimal(amount_wei) / 10**9)


def _shown(amount: Decimal) -> str:
    text = f"{amount:.{_SHOWN_DECIMALS}f}" if amount >= Decimal(10) ** -6 else f"{amount:.18f}"
    return text.rstrip("0").rstrip(".")
