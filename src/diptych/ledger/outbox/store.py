"""The outbox file: SQL only, no decisions.

Every change is one transaction that takes the write lock first and names the state it starts from,
so that several processes can drive one outbox. Signed bytes are on disk before they are sent.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diptych.core.database import Connect, Row, connect_secret, make_durable
from diptych.ledger.outbox.errors import OutboxUnusable
from diptych.ledger.outbox.records import Attempt, Intent, Payload, Purpose, State
from diptych.ledger.outbox.schema import STATEMENTS, VERSION
from diptych.ledger.outbox.transactions import transaction, translated_errors

_INTENT = (
    "id, key, chain_id, sender, recipient, data, value_wei, gas_limit, state, nonce, cancelling,"
    " mined_hash, mined_block, mined_block_hash, succeeded, problem_code, problem"
)
_ATTEMPT = (
    "id, intent_id, nonce, raw, hash, max_fee_wei, priority_fee_wei, purpose, signed_s, head_number"
)
_LIVE = "state NOT IN ('FINAL', 'REVERTED', 'CANCELLED')"


class OutboxStore:
    """One outbox file, for one thread; open it again for another."""

    def __init__(self, path: Path, *, connect: Connect = connect_secret) -> None:
        """Open or create the file.

        Args:
            path: the file; its folder must exist.
            connect: opens the database.

        Raises:
            OutboxUnusable: damaged, or written by a newer version.
        """
        with translated_errors():
            self._connection = connect(path)
            make_durable(self._connection)
        with transaction(self._connection):
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in STATEMENTS:
                    self._connection.execute(statement)
            elif version != VERSION:
                raise OutboxUnusable(
                    f"got outbox version {version}, expected {VERSION}",
                    hint="pip install --upgrade diptych",
                )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def locked(self, *, durable: bool = True) -> Iterator[None]:
        """Hold the write lock; commit at the end.

        Args:
            durable: wait for the disk. Without, a power cut may take the change back, but never
                one before it: right for what the chain tells again and for what nobody acted on.
        """
        if durable:
            with transaction(self._connection):
                yield
            return
        self._rows("PRAGMA synchronous=NORMAL")
        try:
            with transaction(self._connection):
                yield
        finally:
            self._rows("PRAGMA synchronous=FULL")

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with translated_errors():
            return list(self._connection.execute(sql, parameters).fetchall())

    def add_intent(self, key: str, chain_id: int, sender: str, payload: Payload) -> None:
        """Insert a PREPARED intent; inside `locked`."""
        self._rows(
            "INSERT INTO intents (key, chain_id, sender, recipient, data, value_wei, gas_limit,"
            " state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, chain_id, sender, payload.to, payload.data),
                *(str(payload.value_wei), payload.gas_limit, State.PREPARED.value),
            ),
        )

    def intent(self, key: str) -> Intent | None:
        """Return the intent of a key."""
        rows = self._rows(f"SELECT {_INTENT} FROM intents WHERE key = ?", (key,))
        return _intent(rows[0]) if rows else None

    def reload(self, intent: Intent) -> Intent:
        """Return the intent as it stands now."""
        rows = self._rows(f"SELECT {_INTENT} FROM intents WHERE id = ?", (intent.id,))
        return _intent(rows[0])

    def live_intents(self, chain_id: int, sender: str) -> list[Intent]:
        """Return the unfinished intents of an account, oldest first."""
        rows = self._rows(
            f"SELECT {_INTENT} FROM intents WHERE chain_id = ? AND sender = ? AND {_LIVE}"
            " ORDER BY id",
            (chain_id, sender),
        )
        return [_intent(row) for row in rows]

    def count(self, state: State) -> int:
        """Return how many intents are in a state."""
        ((number,),) = self._rows("SELECT count(*) FROM intents WHERE state = ?", (state.value,))
        return int(number)

    def change(self, intent: Intent, **columns: object) -> bool:
        """Set columns of an intent if its state and nonce are still the given ones.

        Returns:
            Whether it was changed; False when another process was faster.
        """
        sets = ", ".join(f"{name} = ?" for name in columns)
        rows = self._rows(
            f"UPDATE intents SET {sets} WHERE id = ? AND state = ? AND nonce IS ? RETURNING id",
            (*columns.values(), intent.id, intent.state.value, intent.nonce),
        )
        return bool(rows)

    def next_nonce(self, chain_id: int, sender: str) -> int:
        """Return the first nonce above all that were ever reserved or signed for the account."""
        ((highest,),) = self._rows(
            "SELECT max(nonce) FROM (SELECT nonce FROM intents WHERE chain_id = ?1 AND sender = ?2"
            " UNION ALL SELECT a.nonce FROM attempts a JOIN intents i ON i.id = a.intent_id"
            " WHERE i.chain_id = ?1 AND i.sender = ?2)",
            (chain_id, sender),
        )
        return 0 if highest is None else int(highest) + 1

    def is_nonce_owned(self, chain_id: int, sender: str, nonce: int) -> bool:
        """Whether an intent holds this nonce."""
        return bool(
            self._rows(
                "SELECT 1 FROM intents WHERE chain_id = ? AND sender = ? AND nonce = ?",
                (chain_id, sender, nonce),
            )
        )

    def final_nonce(self, chain_id: int, sender: str) -> int:
        """Return the first nonce above those of the finished intents."""
        ((highest,),) = self._rows(
            "SELECT max(nonce) FROM intents WHERE chain_id = ? AND sender = ? AND"
            " mined_hash IS NOT NULL AND state IN ('FINAL', 'REVERTED', 'CANCELLED')",
            (chain_id, sender),
        )
        return 0 if highest is None else int(highest) + 1

    def add_attempt(self, attempt: Attempt) -> None:
        """Insert a signed transaction; its `id` is ignored; inside `locked`."""
        self._rows(
            f"INSERT INTO attempts ({_ATTEMPT.removeprefix('id, ')})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(attempt.intent_id, attempt.nonce, attempt.raw, attempt.hash),
                *(str(attempt.max_fee_wei), str(attempt.priority_fee_wei)),
                *(attempt.purpose.value, attempt.signed_s, attempt.head_number),
            ),
        )

    def attempts(self, intent: Intent) -> list[Attempt]:
        """Return the signed transactions at the intent's present nonce, oldest first."""
        rows = self._rows(
            f"SELECT {_ATTEMPT} FROM attempts WHERE intent_id = ? AND nonce IS ? ORDER BY id",
            (intent.id, intent.nonce),
        )
        return [_attempt(row) for row in rows]

    def all_attempts(self, intent: Intent) -> list[Attempt]:
        """Return every signed transaction of the intent, at given-up nonces too."""
        rows = self._rows(
            f"SELECT {_ATTEMPT} FROM attempts WHERE intent_id = ? ORDER BY id", (intent.id,)
        )
        return [_attempt(row) for row in rows]


def _intent(row: Row) -> Intent:
    (number, key, chain_id, sender, to, data, value_wei, gas_limit, state, nonce, *rest) = row
    cancelling, mined_hash, mined_block, mined_block_hash, succeeded, code, problem = rest
    return Intent(
        id=number,
        key=key,
        chain_id=chain_id,
        sender=sender,
        payload=Payload(to, data, int(value_wei), gas_limit),
        state=State(state),
        nonce=nonce,
        cancelling=bool(cancelling),
        mined_hash=mined_hash,
        mined_block=mined_block,
        mined_block_hash=mined_block_hash,
        succeeded=None if succeeded is None else bool(succeeded),
        problem_code=code,
        problem=problem,
    )


def _attempt(row: Row) -> Attempt:
    number, intent_id, nonce, raw, hash_, max_fee, priority_fee, purpose, signed_s, head = row
    return Attempt(
        id=number,
        intent_id=intent_id,
        nonce=nonce,
        raw=raw,
        hash=hash_,
        max_fee_wei=int(max_fee),
        priority_fee_wei=int(priority_fee),
        purpose=Purpose(purpose),
        signed_s=signed_s,
        head_number=head,
    )
