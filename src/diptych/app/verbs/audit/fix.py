"""Repairs what a scan finds, and proves each repair on a throw-away node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diptych.audit.catalogue import installed_rules
from diptych.audit.compile.toolchain import Toolchain, compiled_cache
from diptych.audit.errors import UnknownRule
from diptych.audit.finding import Finding
from diptych.audit.fixes import Fixer, FixResult, fix_file, has_template, write_fixed
from diptych.audit.fixes.edit import unified_diff
from diptych.audit.replay import replay_node
from diptych.audit.scan import scan_program
from diptych.audit.source.files import find_sources
from diptych.audit.source.load import LoadedProgram, load_program
from diptych.core.errors import JsonValue
from diptych.core.progress import ProgressFactory, silent

__all__ = ["Fixed", "fix_paths"]


@dataclass(frozen=True)
class Fixed:
    """What became of the findings.

    Attributes:
        results: one for each finding that some template is for.
        unfixable: findings that no template is for.
        texts: old and new text of each file that fixes change.
    """

    results: tuple[FixResult, ...]
    unfixable: tuple[Finding, ...]
    texts: dict[str, tuple[bytes, bytes]] = field(repr=False)

    @property
    def patch(self) -> str:
        """All fixes as one unified diff."""
        return "".join(unified_diff(path, *pair) for path, pair in self.texts.items())

    def apply(self) -> list[Path]:
        """Write the fixed files; returns the backups."""
        return [write_fixed(Path(path), *pair) for path, pair in self.texts.items()]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the results as plain data."""
        rules = sorted({finding.rule.id for finding in self.unfixable})
        return {
            "results": [result.to_json() for result in self.results],
            "fixed": sum(result.fix is not None for result in self.results),
            "without_template": {
                rule: sum(each.rule.id == rule for each in self.unfixable) for rule in rules
            },
            "patch": self.patch,
        }


def fix_paths(
    paths: Sequence[Path], only: Iterable[str] = (), progress: ProgressFactory = silent
) -> Fixed:
    """Scan files and repair what can be repaired.

    Args:
        paths: files and folders.
        only: ids of rules whose findings are repaired; none means all.
        progress: how to show that findings are done.

    Raises:
        UnknownRule: an id that no installed rule has.
        CompilerUnavailable: a compiler cannot be had.
        BinaryMissing: the node cannot be had.
    """
    rules = installed_rules()
    wanted = frozenset(only)
    for name in sorted(wanted - {rule.info.id for rule in rules}):
        raise UnknownRule(f"got rule '{name}'", hint="see diptych audit rules")
    loaded = load_program(find_sources(paths))
    found = [
        each
        for each in scan_program(loaded, rules, progress).findings
        if not wanted or each.rule.id in wanted
    ]
    fixable = [each for each in found if has_template(each)]
    if not fixable:
        return Fixed((), tuple(found), {})
    rest = tuple(each for each in found if not has_template(each))
    with (
        replay_node() as node,
        Fixer(loaded, rules, node, toolchain=Toolchain(compiled_cache())) as fixer,
        progress("fixes", total=len(fixable), unit="finding") as task,
    ):
        results: list[FixResult] = []
        for path in dict.fromkeys(each.location.path for each in fixable):
            for result in fix_file(fixer, path, lambda one: _is_wanted(one, wanted)):
                results.append(result)
                task.advance(1)
        return Fixed(tuple(results), rest, _changed(loaded, fixer.loaded))


def _is_wanted(finding: Finding, only: frozenset[str]) -> bool:
    return has_template(finding) and (not only or finding.rule.id in only)


def _changed(before: LoadedProgram, after: LoadedProgram) -> dict[str, tuple[bytes, bytes]]:
    pairs = {path: (text.data, after.texts[path].data) for path, text in before.texts.items()}
    return {path: (old, new) for path, (old, new) in pairs.items() if old != new}
