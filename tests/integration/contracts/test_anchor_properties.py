"""The contract and the pure rules agree on every operation of any sequence."""

import itertools
import os
from collections.abc import Callable
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.integration.contracts.conftest import ACCOUNTS, Stage

from diptych.contracts.bindings import anchor as binding
from diptych.ledger.errors import Reverted
from diptych.provenance import anchor_rules as rules

ADDRESSES = tuple(account.address for account in ACCOUNTS)
SEQUENCES = int(os.environ.get("DIPTYCH_TEST_ANCHOR_SEQUENCES", "25"))
SALTS = itertools.count()

actors = st.sampled_from(ADDRESSES)
# Half of the calls come from those who may, else little would be accepted.
senders = st.sampled_from([*ADDRESSES, "owner", "owner", "owner", "proposed"])
roots = st.binary(min_size=32, max_size=32)
places = st.integers(0, 2)


def outcome(act: Callable[[], object]) -> str:
    """Return the code of the refusal, or `done`."""
    try:
        act()
    except Reverted as error:
        return error.code
    return "done"


class Machine(RuleBasedStateMachine):
    """Every operation is tried on both sides; what the contract accepts is then mined."""

    stage: ClassVar[Stage]
    accepted: ClassVar[int] = 0

    @initialize()
    def start(self) -> None:
        self.book: rules.Book = {}
        self.salt = next(SALTS).to_bytes(32, "big")
        self.ids = [rules.derive_log_id(address, self.salt) for address in ADDRESSES]
        self.time_s = self.stage.chain.block().timestamp_s
        for owner in ADDRESSES[:2]:
            self.register(owner)

    def who(self, sender: str, place: int) -> str:
        log = self.book.get(self.ids[place])
        named = {"owner": log.owner, "proposed": log.proposed} if log else {}
        sender = named.get(sender, sender)
        return sender if sender in ADDRESSES else ADDRESSES[3]

    def judge(self, sender: str, data: bytes, act: Callable[[], rules.Book]) -> None:
        self.time_s += 1
        expected = outcome(act)
        assert outcome(lambda: self.stage.call(data, sender)) == expected
        if expected == "done":
            self.book = act()
            type(self).accepted += 1
            self.stage.send(data, sender, self.time_s)

    @rule(sender=actors)
    def register(self, sender: str) -> None:
        data = binding.encode_register(self.salt)
        self.judge(sender, data, lambda: rules.register(self.book, sender, salt=self.salt))

    @rule(
        sender=senders,
        place=places,
        size=st.integers(0, 6) | st.integers(0, rules.MAX_SIZE),
        root=roots,
    )
    def anchor(self, sender: str, place: int, size: int, root: bytes) -> None:
        log_id, sender = self.ids[place], self.who(sender, place)
        self.judge(
            sender,
            binding.encode_anchor(log_id, size, root),
            lambda: rules.anchor(
                self.book, sender, log_id=log_id, size=size, root=root, time_s=self.time_s
            ),
        )

    @rule(place=places, growth=st.integers(1, 9), root=roots)
    def grow(self, place: int, growth: int, root: bytes) -> None:
        log = self.book.get(self.ids[place])
        if log is not None and log.size + growth <= rules.MAX_SIZE:
            self.anchor(log.owner, place, log.size + growth, root)

    @rule(sender=senders, place=places, publisher=actors, allowed=st.booleans())
    def set_publisher(self, sender: str, place: int, publisher: str, allowed: bool) -> None:
        log_id, sender = self.ids[place], self.who(sender, place)
        self.judge(
            sender,
            binding.encode_set_publisher(log_id, publisher, allowed),
            lambda: rules.set_publisher(
                self.book, sender, log_id=log_id, publisher=publisher, allowed=allowed
            ),
        )

    @rule(sender=senders, place=places, proposed=actors | st.just(rules.ZERO_ADDRESS))
    def propose_owner(self, sender: str, place: int, proposed: str) -> None:
        log_id, sender = self.ids[place], self.who(sender, place)
        self.judge(
            sender,
            binding.encode_propose_owner(log_id, proposed),
            lambda: rules.propose_owner(self.book, sender, log_id=log_id, proposed=proposed),
        )

    @rule(sender=senders, place=places)
    def accept_owner(self, sender: str, place: int) -> None:
        log_id, sender = self.ids[place], self.who(sender, place)
        self.judge(
            sender,
            binding.encode_accept_owner(log_id),
            lambda: rules.accept_owner(self.book, sender, log_id=log_id),
        )

    @invariant()
    def state_is_the_same(self) -> None:
        for log_id, log in self.book.items():
            asked = [binding.encode_head(log_id), binding.encode_proposed_owner(log_id)]
            asked += [binding.encode_may_publish(log_id, actor) for actor in ADDRESSES]
            answers = [a for a in self.stage.calls(asked) if isinstance(a, bytes)]
            head = binding.decode_head(answers[0])
            assert head == binding.HeadAnswer(log.owner, log.size, log.time_s, log.root)
            assert binding.decode_proposed_owner(answers[1]) == log.proposed
            assert [binding.decode_may_publish(a) for a in answers[2:]] == [
                rules.may_publish(self.book, actor, log_id=log_id) for actor in ADDRESSES
            ]


def test_contract_and_rules_agree(stage: Stage) -> None:
    class Staged(Machine):
        pass

    Staged.stage = stage
    limits = settings(
        max_examples=SEQUENCES,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Staged, settings=limits)
    assert Staged.accepted > 5 * SEQUENCES


def test_ids_agree(stage: Stage) -> None:
    for address in ADDRESSES:
        salt = next(SALTS).to_bytes(32, "little")
        answer = stage.call(binding.encode_log_id(address, salt))
        assert binding.decode_log_id(answer) == rules.derive_log_id(address, salt)
