"""What verification returns: five answers, each proven, self-asserted or not shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from diptych_verify.errors import JsonValue, MalformedError

Status = Literal["proven", "self-asserted", "not shown"]
PROVEN: Final = "proven"
SELF_ASSERTED: Final = "self-asserted"
NOT_SHOWN: Final = "not shown"
_LAST_SECOND = 253_402_300_799


@dataclass(frozen=True)
class Answer:
    """One question answered.

    Attributes:
        question: `untampered`, `who`, `derived_from`, `when` or `use`.
        status: `proven` under the trust policy, `self-asserted` by the bundle, or `not shown`.
        text: one sentence for people.
        evidence: the facts behind it, JSON-ready.
    """

    question: str
    status: Status
    text: str
    evidence: Mapping[str, JsonValue] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the answer as `--json` prints it."""
        return {
            "question": self.question,
            "status": self.status,
            "text": self.text,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True)
class Evidence:
    """A verified bundle.

    Attributes:
        record_id: leaf hash of the subject record, 32 bytes.
        index: its position in the log.
        kind: its statement kind, for example `dataset`.
        subject: name of what it is about.
        origin: name of the log.
        size: entries of the log at the checkpoint.
        answers: the five answers in fixed order.
        lineage: the records reached from the subject, subject first (filled on request).
    """

    record_id: bytes
    index: int
    kind: str
    subject: str
    origin: str
    size: int
    answers: tuple[Answer, ...]
    lineage: tuple[Mapping[str, JsonValue], ...] = ()

    def answer(self, question: str) -> Answer:
        """Return one answer by its question."""
        return next(answer for answer in self.answers if answer.question == question)

    def to_json(self) -> dict[str, JsonValue]:
        """Return everything as `--json` prints it."""
        return {
            "record": self.record_id.hex(),
            "index": self.index,
            "kind": self.kind,
            "subject": self.subject,
            "log": self.origin,
            "size": self.size,
            "answers": [answer.to_json() for answer in self.answers],
            "lineage": [dict(node) for node in self.lineage],
        }


def utc(time_s: int) -> str:
    """Return Unix seconds as RFC 3339 in UTC.

    Raises:
        MalformedError: before 1970 or after the year 9999.

    >>> utc(0)
    '1970-01-01T00:00:00Z'
    """
    if not 0 <= time_s <= _LAST_SECOND:
        raise MalformedError(f"got time {time_s} s, expected 1970 to 9999")
    return datetime.fromtimestamp(time_s, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
