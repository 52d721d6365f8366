"""A report after triage: which findings are new, known, suppressed or gone."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from diptych.audit.finding import SEVERITIES, Finding
from diptych.audit.patch import Patch
from diptych.audit.risk import ContractRisk, contract_risks
from diptych.audit.scan import Report
from diptych.audit.triage.baseline import Known
from diptych.audit.triage.suppression import ALL, Suppression
from diptych_verify.errors import JsonValue
from diptych_verify.wording import counted

__all__ = ["Threshold", "Triaged", "triage"]


@dataclass(frozen=True)
class Threshold:
    """From when on a report fails: a severity, a contract's risk, or both; None is never."""

    severity: str | None = "medium"
    risk: float | None = None


@dataclass(frozen=True)
class Triaged:
    """A report with what is known about its findings, by fingerprint.

    Attributes:
        report: what the scan found, all of it.
        suppressed: why findings are silenced.
        baseline: what was known before, None where there is no baseline.
        notices: suppressions that do not count, and why.
        patches: checked fixes.
    """

    report: Report
    suppressed: Mapping[str, Suppression] = field(default_factory=dict)
    baseline: Mapping[str, Known] | None = None
    notices: tuple[str, ...] = ()
    patches: Mapping[str, Patch] = field(default_factory=dict)

    @cached_property
    def shown(self) -> Report:
        """The report without suppressed findings."""
        kept = [one for one, name in self.report.fingerprints if name not in self.suppressed]
        return self.report.only(kept)

    @cached_property
    def risks(self) -> tuple[ContractRisk, ...]:
        """Scores of contracts by findings that are not suppressed."""
        return contract_risks(self.shown.fingerprints)

    @property
    def fixed(self) -> tuple[Known, ...]:
        """Findings of the baseline that are gone."""
        names = {name for _, name in self.report.fingerprints}
        return tuple(one for name, one in (self.baseline or {}).items() if name not in names)

    def state(self, fingerprint: str) -> str:
        """Return `new` or `unchanged` against the baseline, empty without one."""
        if self.baseline is None:
            return ""
        return "unchanged" if fingerprint in self.baseline else "new"

    def counting(self) -> list[tuple[Finding, str]]:
        """Return findings that can make a check fail: neither suppressed nor known."""
        shown = self.shown.fingerprints
        return [(one, name) for one, name in shown if self.state(name) != "unchanged"]

    def fails(self, threshold: Threshold) -> bool:
        """Whether new findings reach a severity, or give a contract a risk, of a threshold."""
        found = self.counting()
        grave = SEVERITIES[: SEVERITIES.index(threshold.severity) + 1] if threshold.severity else ()
        if any(finding.severity in grave for finding, _ in found):
            return True
        return threshold.risk is not None and any(
            risk.score >= threshold.risk for risk in contract_risks(found)
        )

    def to_json(self) -> dict[str, JsonValue]:
        """Return report and triage as plain data."""
        data = self.report.to_json()
        listed = data["findings"]
        assert isinstance(listed, list)
        for one in listed:
            assert isinstance(one, dict)
            name = str(one["fingerprint"])
            given = self.suppressed.get(name)
            one["state"] = self.state(name)
            one["suppressed"] = None if given is None else given.to_json()
            if name in self.patches:
                one["fix"] = self.patches[name].to_json()
        data["contracts"] = [risk.to_json() for risk in self.risks]
        data["fixed"] = [one.to_json() for one in self.fixed]
        data["notices"] = list(self.notices)
        return data


def triage(
    report: Report,
    suppressions: Iterable[Suppression] = (),
    baseline: Mapping[str, Known] | None = None,
    *,
    today: dt.date,
) -> Triaged:
    """Hold a report against suppressions and a baseline.

    Args:
        report: what a scan found.
        suppressions: all there are; those without a reason, or past their day, do not count.
        baseline: what was known before, by fingerprint.
        today: to tell what has expired.
    """
    suppressed: dict[str, Suppression] = {}
    notices: list[str] = []
    index = _Index(report)
    for one in suppressions:
        unknown = sorted(one.rules - {ALL, *report.rules})
        if unknown and one.kind == "inSource" and len(unknown) == len(one.rules):
            notices.append(f"{one.origin}: no rule '{unknown[0]}' ran")
        covered = [name for finding, name in index.near(one) if one.covers(finding, name)]
        fault = one.fault(today)
        if fault:
            about = counted(len(covered), "finding")
            notices.append(f"{one.origin}: suppression of {about} {fault} and does not count")
        else:
            suppressed.update((name, one) for name in covered if name not in suppressed)
    return Triaged(report, suppressed, baseline, tuple(notices))


class _Index:
    """Finds the findings that a suppression can be about without looking at all of them."""

    def __init__(self, report: Report) -> None:
        self._all: Final = report.fingerprints
        self._by: Final[dict[tuple[str, ...], list[tuple[Finding, str]]]] = {}
        for finding, name in self._all:
            place = finding.location
            for key in (("name", name), ("in", place.contract, place.function)):
                self._by.setdefault(key, []).append((finding, name))
            self._by.setdefault(("line", str(place.line)), []).append((finding, name))

    def near(self, one: Suppression) -> Sequence[tuple[Finding, str]]:
        """Return findings among which are all that a suppression covers."""
        if one.fingerprint:
            return self._by.get(("name", one.fingerprint), ())
        if one.lines is not None and one.lines[0] == one.lines[1]:
            return self._by.get(("line", str(one.lines[0])), ())
        if one.contract and one.function:
            return self._by.get(("in", one.contract, one.function), ())
        return self._all


def with_patches(triaged: Triaged, patches: Mapping[str, Patch]) -> Triaged:
    """Return the same with checked fixes by fingerprint."""
    return replace(triaged, patches=patches)
