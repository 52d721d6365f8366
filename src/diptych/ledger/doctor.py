"""Checks of a chain before anything is sent: `diptych chain doctor`.

Each check asks one question and never raises for a bad answer; nothing is signed or sent.
"""

from collections.abc import Iterator

from diptych.core.clock import Clock, system_clock
from diptych.core.errors import DiptychError
from diptych.ledger.chain import Chain
from diptych.ledger.doctor_checks import (
    Check,
    DoctorCheck,
    DoctorQuestions,
    Examination,
    Outcome,
    check_endpoint,
    check_features,
    check_fees,
    check_finality,
    check_funding,
    check_proofs,
    check_sync,
)

__all__ = ["DoctorCheck", "DoctorQuestions", "Outcome", "examine"]

_CHECKS: dict[str, Check] = {
    "sync": check_sync,
    "hard fork": check_features,
    "receipt proofs": check_proofs,
    "finality": check_finality,
    "fees": check_fees,
    "funding": check_funding,
}


def examine(
    chain: Chain, questions: DoctorQuestions | None = None, *, clock: Clock = system_clock
) -> list[DoctorCheck]:
    """Return every check's answer; stops early when the endpoint cannot be talked to.

    Args:
        chain: which.
        questions: account and operations to judge.
        clock: seconds since the epoch.
    """
    examination = Examination(chain, questions or DoctorQuestions(), clock)
    found = list(_guarded("endpoint", check_endpoint, examination))
    if any(check.outcome is Outcome.FAILED for check in found):
        return found
    for name, check in _CHECKS.items():
        found.extend(_guarded(name, check, examination))
    return found


def _guarded(name: str, check: Check, examination: Examination) -> Iterator[DoctorCheck]:
    try:
        yield from check(examination)
    except DiptychError as error:
        yield DoctorCheck(name, Outcome.FAILED, f"{error.code}: {error.message}", error.hint)
