"""Every finding of the rules on labelled code, with the network's out-of-fold word and the truth.

A finding is true where it hits a label of its category, false in code that is clean of it, and
unknown (left out) elsewhere.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mutants.directives import stripped
from mutants.generate import mutants_of
from mutants.mutant import CLASSES, Mutant
from samples import BASES, PACKAGES, SKIPPED, fetched

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.catalogue import installed_rules
from diptych.audit.learned.model import Network
from diptych.audit.learned.proposals import PROPOSALS
from diptych.audit.learned.table import Voice, category_at
from diptych.audit.learned.vocabulary import CATEGORIES
from diptych.audit.learned.voices import Voices
from diptych.audit.ranking import Candidate, Judged
from diptych.audit.rules.rule import Match
from diptych.audit.scan import Report, scan_files
from diptych.audit.source.files import find_sources

__all__ = ["Row", "Scanner", "all_rows", "found_in"]

TOLERANCE = 2
PROPOSED_FROM = -1.0
NetworkOf = Callable[[str], Network]


class Row(NamedTuple):
    """One finding: what a scan says of it, the network's word, and whether it is true.

    Of a planted pair, `pair` names it and `side` is `fault` or `twin`; a row without a rule says
    that the pair exists.
    """

    part: str
    group: str
    finding: dict[str, Any]
    voice: Voice | None
    truth: int | None
    pair: str = ""
    side: str = ""

    @property
    def key(self) -> str:
        """Rule and severity."""
        return f"{self.finding['rule']}/{self.finding['severity']}"

    @property
    def by_rule(self) -> bool:
        """Whether a rule speaks, not the network alone."""
        return not self.finding["rule"].startswith("learned-")


class _Recorder:
    """A judge that changes nothing and remembers what the network says.

    The place of its memory travels as the probability, the one number that a judge gives.
    """

    digest = ""

    def __init__(self, network_of: NetworkOf) -> None:
        self._network_of = network_of
        self.voices: list[Voice | None] = []

    def judge(self, contract: ContractGraph, candidates: Sequence[Candidate]) -> list[Judged]:
        """Return all candidates, and all that the network alone would say."""
        network = self._network_of(contract.node.unit.path)
        voices = Voices(network, contract, [each.match for each in candidates], lambda view: True)
        judged = []
        for each in candidates:
            at = category_at(each.rule.category)
            judged.append(
                self._noted(
                    each.rule, each.match, None if at is None else voices.voice(each.match, at)
                )
            )
        for view in voices.views:
            answer = voices.of(view)
            for at, category in enumerate(CATEGORIES):
                logit = float(answer.logits[at])
                carriers = answer.carriers(at)
                if logit > PROPOSED_FROM and carriers and view.is_entry:
                    match = Match(carriers[0], "", tuple(carriers[1:]))
                    judged.append(self._noted(PROPOSALS[category], match, Voice(logit, logit)))
        return judged

    def _noted(self, rule: Any, match: Match, voice: Voice | None) -> Judged:
        self.voices.append(voice)
        return Judged(rule, match, float(len(self.voices) - 1))


class Scanner:
    """Scans files with all rules, the network of each file's fold listening."""

    def __init__(self, network_of: NetworkOf) -> None:
        self._rules = installed_rules()
        self._network_of = network_of
        self.lines: dict[str, int] = {}

    def scan(self, paths: Sequence[Path]) -> list[tuple[dict[str, Any], Voice | None]]:
        """Return findings as plain data, each with the network's word."""
        recorder = _Recorder(self._network_of)
        report: Report = scan_files(paths, self._rules, ranker=recorder)
        self.lines |= {file.path: file.lines for file in report.files}
        return [
            (one.to_json(), recorder.voices[int(one.probability or 0)]) for one in report.findings
        ]


def found_in(label: dict[str, Any], finding: dict[str, Any]) -> bool:
    """Whether a finding hits a label: category, and function or lines within two."""
    if finding["category"] != label["category"]:
        return False
    if not label["line"]:
        return True
    first, last = label["line"] - TOLERANCE, label["line_end"] + TOLERANCE
    places = [finding["location"], *finding["related"]]
    if any(place["line"] <= last and place["end_line"] >= first for place in places):
        return True
    return bool(label["function"]) and any(p["function"] == label["function"] for p in places)


def all_rows(sets: Path, scanner: Scanner, group_of: Callable[[str], str]) -> Iterator[Row]:
    """Yield the findings of all parts: labelled sets, clean libraries, our own pairs."""
    for name in (
        "smartbugs-curated",
        "reentrancy-aggregated",
        "not-so-smart",
        "honeybadger",
        "malware",
    ):
        yield from _labelled(sets / name, scanner, group_of)
    yield from _clean(scanner, group_of)
    yield from _planted(scanner)


_WHOLE = {
    "reentrancy-aggregated": ("reentrancy",),
    "honeybadger": ("honeypot",),
    "malware": ("malware",),
}


def _labelled(folder: Path, scanner: Scanner, group_of: Callable[[str], str]) -> Iterator[Row]:
    labels: dict[str, list[dict[str, Any]]] = {}
    for label in _lines(folder / "labels.jsonl"):
        labels.setdefault(label["file"], []).append(label)
    for file in _lines(folder / "files.jsonl"):
        told = labels.get(file["file"], [])
        for finding, voice in scanner.scan([folder / file["file"]]):
            truth: int | None = 1 if any(found_in(each, finding) for each in told) else None
            if truth is None and finding["category"] in _WHOLE.get(folder.name, ()):
                truth = 0
            group = group_of(f"{folder.name}/{file['file']}")
            yield Row(folder.name, group, finding, voice, truth)


def _clean(scanner: Scanner, group_of: Callable[[str], str]) -> Iterator[Row]:
    modules = fetched(PACKAGES)
    for package in PACKAGES:
        folder = modules / package.rpartition("@")[0]
        paths = [
            path
            for path in find_sources([folder])
            if not any(word in str(path.relative_to(folder)).lower() for word in SKIPPED)
        ]
        for finding, voice in scanner.scan(paths):
            path = Path(finding["location"]["path"])
            name = (
                f"{package}/{path.relative_to(folder)}"
                if path.is_relative_to(folder)
                else str(path)
            )
            yield Row("clean", group_of(name), finding, voice, 0)


def _planted(scanner: Scanner) -> Iterator[Row]:
    for path in sorted(BASES.glob("*.sol")):
        source = path.read_bytes()
        group = f"mutants/{path.name}"
        copy = path.parent / "_planted" / path.name
        copy.parent.mkdir(exist_ok=True)
        try:
            copy.write_bytes(stripped(source))
            clean = scanner.scan([copy])
            yield from (Row("bases", group, finding, voice, 0) for finding, voice in clean)
            for mutant in mutants_of(path.name, source):
                copy.write_bytes(mutant.fault)
                sides = {"fault": scanner.scan([copy]), "twin": clean}
                yield from _sides(mutant, sides, group)
        finally:
            copy.unlink()
            copy.parent.rmdir()


def _sides(mutant: Mutant, sides: dict[str, Any], group: str) -> Iterator[Row]:
    name = f"{mutant.base}:{mutant.kind}:{mutant.line}:{zlib.crc32(mutant.fault)}"
    yield Row("pairs", group, {"rule": "", "kind": mutant.kind}, None, None, name)
    for side, found in sides.items():
        for finding, voice in found:
            places = [finding["location"], *finding["related"]]
            near = any(place["function"] == mutant.function for place in places)
            if finding["category"] in CLASSES[mutant.kind] and (
                near or (mutant.added and side == "twin")
            ):
                truth = 1 if side == "fault" and finding["rule"] else None
                yield Row("pairs", group, finding, voice, truth, name, side)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
