"""The outbox on a fake chain: exactly once through restarts, reorganisations and foreign use."""

from dataclasses import replace

import pytest
from tests.unit.ledger.conftest import Bench, chain_of
from tests.unit.ledger.fake_node import FakeNode, decode

from diptych.ledger.account import LocalAccount
from diptych.ledger.errors import Behind, Pruned, Reverted, Unreachable
from diptych.ledger.outbox import OutboxPolicy, State
from diptych.ledger.outbox.errors import (
    Cancelled,
    FeeCapReached,
    KeyReused,
    NoFinality,
    NotFinalYet,
    SendRefused,
    TooLate,
    Underfunded,
    UnknownIntent,
)
from diptych.ledger.transaction import Transaction

TO = "0x00000000000000000000000000000000000d1d1d"


def foreign(bench: Bench, nonce: int, *, value_wei: int = 99) -> bytes:
    """Sign a transaction of the same account elsewhere."""
    return bench.account.sign_transaction(
        Transaction(bench.node.chain_id, nonce, 50, 500, 21_000, TO, value_wei)
    )


class TestSend:
    def test_reaches_the_chain_once(self, bench: Bench) -> None:
        receipt = bench.open().send("a", to=TO, value_wei=5)
        assert receipt.succeeded
        assert [t.value_wei for t in bench.node.mined()] == [5]

    def test_same_key_gives_the_same_receipt(self, bench: Bench) -> None:
        first = bench.open().send("a", to=TO, value_wei=5)
        second = bench.open().send("a", to=TO.lower(), value_wei=5)
        assert second == first
        assert len(bench.node.mined()) == 1

    def test_other_payload_under_the_key_is_refused(self, bench: Bench) -> None:
        outbox = bench.open()
        outbox.send("a", to=TO, value_wei=5)
        for changed in ({"value_wei": 6}, {"value_wei": 5, "data": b"x"}):
            with pytest.raises(KeyReused):
                outbox.send("a", to=TO, **changed)
        with pytest.raises(KeyReused):
            outbox.send("a", to=None, value_wei=5)
        assert len(bench.node.mined()) == 1

    def test_other_account_under_the_key_is_refused(self, bench: Bench) -> None:
        bench.open().send("a", to=TO)
        bench.account = LocalAccount(bytes(31) + b"\x09")
        with pytest.raises(KeyReused):
            bench.open().send("a", to=TO)

    def test_many_prepared_intents_keep_their_order(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        for number in range(20):
            outbox.prepare(f"k{number}", to=TO, value_wei=number)
        outbox.advance()
        bench.node.mine()
        outbox.advance()
        assert [t.value_wei for t in bench.node.mined()] == list(range(20))
        assert outbox.pending() == []

    def test_unknown_key(self, bench: Bench) -> None:
        with pytest.raises(UnknownIntent):
            bench.open().wait("nobody")

    def test_out_of_time_keeps_the_intent(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        with pytest.raises(NotFinalYet):
            bench.open().send("a", to=TO, timeout_s=10)
        bench.node.mine()
        assert bench.open().send("a", to=TO).succeeded
        assert len(bench.node.mined()) == 1


class TestRefusals:
    def test_revert_before_signing_uses_no_nonce(self, bench: Bench) -> None:
        bench.node.estimate_error = "execution reverted: no"
        outbox = bench.open()
        with pytest.raises(Reverted):
            outbox.send("a", to=TO)
        assert (bench.node.sent, outbox.intent("a").state) == ([], State.REVERTED)
        bench.node.estimate_error = ""
        assert outbox.send("a", to=TO).succeeded

    def test_mined_revert_is_final(self, bench: Bench) -> None:
        bench.node.fails = lambda _: True
        for _ in range(2):
            with pytest.raises(Reverted):
                bench.open().send("a", to=TO)
        assert len(bench.node.mined()) == 1

    @pytest.mark.parametrize("place", ["estimate_error", "send_error"])
    def test_underfunded_goes_on_once_funded(self, bench: Bench, place: str) -> None:
        setattr(bench.node, place, "insufficient funds for gas * price + value")
        outbox = bench.open()
        with pytest.raises(Underfunded):
            outbox.send("a", to=TO)
        setattr(bench.node, place, "")
        assert outbox.send("a", to=TO).succeeded
        assert len(bench.node.mined()) == 1

    def test_other_refusal_is_told_and_kept(self, bench: Bench) -> None:
        bench.node.send_error = "sender is banned"
        with pytest.raises(SendRefused, match="banned"):
            bench.open().send("a", to=TO)
        assert bench.open().intent("a").state is State.SIGNED

    def test_endpoint_away_before_anything_is_signed(self, bench: Bench) -> None:
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        bench.node.away = 1
        with pytest.raises(Unreachable):
            outbox.wait("a")

    def test_endpoint_away_for_a_while_after_sending(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        bench.node.mine()
        bench.node.away = 5
        assert outbox.wait("a").succeeded

    def test_endpoint_that_forgot_final_transactions(self, bench: Bench) -> None:
        bench.open().send("a", to=TO)
        bench.node.reorganise(1)
        with pytest.raises(Behind):
            bench.open().send("b", to=TO)

    def test_pruned_receipt_of_a_final_intent(self, bench: Bench) -> None:
        bench.open().send("a", to=TO)
        bench.node.hide_receipts = True
        with pytest.raises(Pruned):
            bench.open().send("a", to=TO)


class TestFees:
    def test_stuck_transaction_is_replaced_at_the_same_nonce(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        bench.node.base_fee_wei = 100
        bench.now_s += 61
        outbox.advance()
        outbox.advance()
        bench.node.mine()
        assert outbox.wait("a").succeeded
        attempts = outbox.attempts("a")
        assert [a.nonce for a in attempts] == [0, 0]
        assert attempts[1].max_fee_wei * 8 >= attempts[0].max_fee_wei * 9
        assert attempts[1].priority_fee_wei * 8 >= attempts[0].priority_fee_wei * 9

    def test_fresh_transaction_is_not_replaced(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        bench.now_s += 30
        outbox.advance()
        assert len(outbox.attempts("a")) == 1

    def test_cap_is_never_exceeded(self, bench: Bench) -> None:
        bench.policy = replace(bench.policy, max_fee_wei=23)
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        bench.now_s += 61
        outbox.advance()
        assert outbox.intent("a").problem_code == FeeCapReached.code
        assert all(a.max_fee_wei <= 23 for a in outbox.attempts("a"))

    def test_dear_gas_signs_nothing(self, bench: Bench) -> None:
        bench.policy = replace(bench.policy, max_fee_wei=9)
        with pytest.raises(FeeCapReached):
            bench.open().send("a", to=TO)
        assert bench.open().attempts("a") == []

    def test_too_cheap_for_the_pool_is_raised_at_once(self, bench: Bench) -> None:
        bench.node.min_fee_wei = 24
        assert bench.open().send("a", to=TO).succeeded
        assert len(bench.node.mined()) == 1


class TestFinality:
    def test_confirmations_are_awaited(self, bench: Bench) -> None:
        bench.policy = OutboxPolicy(confirmations=2, timeout_s=300)
        bench.slept = lambda _: None if len(bench.node.blocks) > 5 else _mine(bench.node)
        receipt = bench.open().send("a", to=TO)
        assert len(bench.node.blocks) - 1 >= receipt.block_number + 2

    def test_finalized_tag_is_awaited(self, bench: Bench) -> None:
        bench.policy = OutboxPolicy(confirmations=None, timeout_s=300)
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        assert outbox.intent("a").state is State.MINED
        bench.node.finalized = 1
        outbox.advance()
        assert outbox.intent("a").state is State.FINAL

    def test_chain_without_the_tag(self, bench: Bench) -> None:
        bench.policy = OutboxPolicy(confirmations=None)
        bench.node.finalized = None
        with pytest.raises(NoFinality):
            bench.open().send("a", to=TO)

    def test_reorganisation_sends_the_same_bytes_again(self, bench: Bench) -> None:
        bench.policy = OutboxPolicy(confirmations=2, timeout_s=300)
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        assert outbox.intent("a").state is State.MINED
        bench.node.reorganise(1)
        outbox.advance()
        assert outbox.intent("a").state is State.SENT
        outbox.advance()
        assert outbox.intent("a").state is State.MINED
        assert len(set(bench.node.sent)) == 1
        bench.slept = lambda _: _mine(bench.node)
        assert outbox.wait("a").succeeded
        assert len(bench.node.mined()) == 1

    def test_mined_again_in_another_block(self, bench: Bench) -> None:
        bench.policy = OutboxPolicy(confirmations=1)
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        before = outbox.intent("a").mined_block_hash
        bench.node.reorganise(1, keep_pool=True)
        bench.node.mine()
        outbox.advance()
        assert outbox.intent("a").mined_block_hash not in {None, before}


class TestForeignUse:
    def test_pending_foreign_transaction_is_respected(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        chain_of(bench.node).send_raw(foreign(bench, 0))
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        assert outbox.intent("a").nonce == 1

    def test_used_nonce_is_given_up_for_a_new_one(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO, value_wei=5)
        outbox.advance()
        bench.node.mine([decode(foreign(bench, 0))])
        bench.node.auto_mine = True
        assert outbox.wait("a").succeeded
        assert [t.value_wei for t in bench.node.mined()] == [99, 5]
        assert [a.nonce for a in outbox.attempts("a")] == [0, 1]

    def test_not_before_the_foreign_transaction_is_final(self, bench: Bench) -> None:
        bench.policy = OutboxPolicy(confirmations=3)
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO, value_wei=5)
        outbox.advance()
        bench.node.mine([decode(foreign(bench, 0))])
        for _ in range(3):
            outbox.advance()
        assert [a.nonce for a in outbox.attempts("a")] == [0]
        # The reorganisation gives the nonce back, and the first transaction is still good.
        bench.node.reorganise(1)
        bench.now_s += 16
        outbox.advance()
        bench.node.mine()
        assert [t.value_wei for t in bench.node.mined()] == [5]

    def test_missing_receipt_alone_proves_nothing(self, bench: Bench) -> None:
        bench.node.hide_receipts = True
        with pytest.raises(NotFinalYet):
            bench.open().send("a", to=TO, timeout_s=60)
        assert [a.nonce for a in bench.open().attempts("a")] == [0]
        bench.node.hide_receipts = False
        assert bench.open().send("a", to=TO).succeeded
        assert len(bench.node.mined()) == 1

    def test_use_before_signing_after_a_reorganisation(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        for _ in range(3):
            bench.node.mine([])
        outbox = bench.open()
        outbox.prepare("a", to=TO, value_wei=5)
        outbox.advance()
        bench.node.reorganise(3)
        bench.node.mine([decode(foreign(bench, 0))])
        for _ in range(4):
            bench.node.mine([])
        bench.node.auto_mine = True
        assert outbox.wait("a").succeeded
        assert [a.nonce for a in outbox.attempts("a")] == [0, 1]

    def test_gap_left_by_a_forgotten_foreign_transaction_is_filled(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        bench.node.mine([decode(foreign(bench, 0))])
        outbox = bench.open()
        outbox.prepare("a", to=TO, value_wei=5)
        outbox.advance()
        bench.node.reorganise(1)
        bench.slept = lambda _: _mine(bench.node)
        assert outbox.wait("a").succeeded
        assert [(t.nonce, t.value_wei) for t in bench.node.mined()] == [(0, 0), (1, 5)]
        assert outbox.pending() == []

    def test_unexplained_use_is_told(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        outbox.advance()
        bench.node.mine([decode(foreign(bench, 0))])
        bench.node.mine([])
        bench.node.mine([])
        bench.node.hide_old_state = True
        outbox.advance()
        assert outbox.intent("a").nonce == 0
        with pytest.raises(NotFinalYet):
            outbox.wait("a", timeout_s=5)


class TestCancel:
    def test_prepared_is_cancelled_at_once(self, bench: Bench) -> None:
        outbox = bench.open()
        outbox.prepare("a", to=TO)
        assert outbox.cancel("a").state is State.CANCELLED
        with pytest.raises(Cancelled):
            outbox.send("a", to=TO)
        assert bench.node.sent == []

    def test_sent_is_replaced_by_nothing(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO, value_wei=5)
        outbox.advance()
        outbox.cancel("a")
        bench.slept = lambda _: _mine(bench.node)
        with pytest.raises(Cancelled):
            outbox.wait("a")
        mined = bench.node.mined()
        assert [(t.to, t.value_wei) for t in mined] == [(bench.account.address, 0)]

    def test_original_may_win_the_race(self, bench: Bench) -> None:
        bench.node.auto_mine = False
        outbox = bench.open()
        outbox.prepare("a", to=TO, value_wei=5)
        outbox.advance()
        original = decode(outbox.attempts("a")[0].raw)
        outbox.cancel("a")
        bench.node.mine([original])
        assert outbox.wait("a").succeeded

    def test_mined_is_too_late(self, bench: Bench) -> None:
        outbox = bench.open()
        outbox.send("a", to=TO)
        with pytest.raises(TooLate):
            outbox.cancel("a")


def _mine(node: FakeNode) -> None:
    node.mine()
