"""The contracts of a scan one after the other, in this process or in several."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import NamedTuple

from diptych.audit.collector import swept
from diptych.audit.contract_scan import ContractScan
from diptych.audit.finding import Finding
from diptych.audit.ranking import Ranker
from diptych.audit.rules.rule import Rule
from diptych.audit.source.groups import Group
from diptych.audit.source.load import LoadedProgram

__all__ = ["ContractFound", "Place", "Work", "parted", "scanned"]

Place = tuple[int, int]
"""A contract: the number of its group, and its own in the group."""

_SPLIT_AT = 8


class ContractFound(NamedTuple):
    """What was found in one contract, why its analysis is partial, whether some of it was lost."""

    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]
    lost: bool = False


class Work(NamedTuple):
    """What is scanned, and who judges."""

    loaded: LoadedProgram
    groups: Sequence[Group]
    rules: Sequence[Rule]
    ranker: Ranker | None


def scanned(
    work: Work, wanted: Iterable[Sequence[Place]] | None = None
) -> Generator[tuple[Place, ContractFound], None, None]:
    """Scan contracts; yields what was found in each.

    What a contract's scan builds depends on the contracts of its group that stand before it, so
    those are built, too, where somebody else scans them.

    Args:
        work: what is scanned.
        wanted: the contracts to scan, by group; all of them if None.
    """
    shares = _all(work) if wanted is None else wanted
    with swept() as sweep:
        for share in shares:
            if not share:
                continue
            at, chosen = share[0][0], {number for _, number in share}
            group = work.groups[at]
            scan = ContractScan(work.loaded, work.rules, work.ranker, frozenset(group.paths))
            for number, (contract, is_base) in enumerate(group.contracts[: max(chosen) + 1]):
                before, reasons = scan.spent[0], list[str]()
                if number in chosen:
                    found = scan.run(contract, is_base=is_base, reasons=reasons)
                    yield (at, number), ContractFound(tuple(found), tuple(reasons))
                else:
                    scan.pass_by(contract, is_base=is_base)
                sweep(scan.spent[0] - before)
            scan.inherited.clear()


def _all(work: Work) -> Iterator[Sequence[Place]]:
    for at, group in enumerate(work.groups):
        yield [(at, number) for number in range(len(group.contracts))]


def parted(work: Work, jobs: int) -> list[list[list[Place]]]:
    """Part contracts among jobs: large groups by contract, small ones as they are.

    Returns:
        For each job its contracts by group; empty jobs are left out.
    """
    shares: list[list[list[Place]]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    order = sorted(range(len(work.groups)), key=lambda at: -len(work.groups[at].contracts))
    for at in order:
        places = [(at, number) for number in range(len(work.groups[at].contracts))]
        parts = jobs if len(places) >= _SPLIT_AT * jobs else 1
        for part in range(parts):
            job = min(range(jobs), key=loads.__getitem__)
            share = places[part::parts]
            shares[job].append(share)
            loads[job] += len(share)
    return [share for share in shares if any(share)]
