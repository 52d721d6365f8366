"""From findings to fixes: every template that fits is written, checked, and shown or withheld."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self

from diptych.audit.compile import NotCompiled, Settings
from diptych.audit.compile.toolchain import Toolchain
from diptych.audit.finding import Finding
from diptych.audit.fixes.check import (
    Build,
    compare_builds,
    compare_findings,
    compile_build,
    compile_problem,
    fixed_layouts,
    same_layouts,
    with_text,
)
from diptych.audit.fixes.edit import Edit, applied, unified_diff
from diptych.audit.fixes.errors import Withheld
from diptych.audit.fixes.proof import Effort, Proof, prove
from diptych.audit.fixes.site import Site, site_of
from diptych.audit.fixes.template import Proposal, Template
from diptych.audit.fixes.templates.table import TEMPLATES
from diptych.audit.patch import Patch, Replacement
from diptych.audit.replay.budget import OutOfTime
from diptych.audit.replay.node import ReplayNode
from diptych.audit.rules.rule import Rule
from diptych.audit.scan import scan_program
from diptych.audit.source.groups import groups_of
from diptych.audit.source.load import LoadedProgram
from diptych.audit.source.text import SourceText
from diptych_verify.errors import JsonValue

__all__ = ["Fix", "FixResult", "Fixer", "has_template"]

_MAX_IMPORTERS = 60
_UNCOMPILED: Final = "the file as it is does not compile"


@dataclass(frozen=True)
class Fix:
    """A change that passed every check.

    Attributes:
        name: what it does.
        path: the file.
        before: its text.
        after: the text that the fix makes of it.
        edits: what leads from one to the other.
        proof: what the replay showed.
        version: of the compiler that took both.
    """

    name: str
    path: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    edits: tuple[Edit, ...] = field(repr=False)
    proof: Proof
    version: str

    @property
    def patch(self) -> Patch:
        """The change as reports show it."""
        text = SourceText(self.path, self.before)
        places = ((text.position(each.start), text.position(each.end)) for each in self.edits)
        replacements = tuple(
            Replacement(self.path, *first, *last, edit.text)
            for edit, (first, last) in zip(self.edits, places, strict=True)
        )
        return Patch(self.name, self.diff, replacements)

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return unified_diff(self.path, self.before, self.after)


@dataclass(frozen=True)
class FixResult:
    """What became of one finding: a fix, or the reason why none is shown."""

    finding: Finding
    fix: Fix | None
    withheld: str = ""

    @property
    def uncompiled(self) -> bool:
        """Whether the file does not compile as it is."""
        return self.withheld.startswith(_UNCOMPILED)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the result as plain data."""
        fix: JsonValue = None
        if self.fix is not None:
            proof = self.fix.proof.to_json()
            fix = {
                "name": self.fix.name,
                "diff": self.fix.diff,
                "solc": self.fix.version,
                "proof": proof,
            }
        where = self.finding.location.to_json()
        rule = self.finding.rule.id
        return {"rule": rule, "location": where, "fix": fix, "withheld": self.withheld}


def has_template(finding: Finding) -> bool:
    """Whether any template is for a finding's class."""
    rule = finding.rule
    return any(rule.id in each.rules or rule.swc in each.swc for each in TEMPLATES)


class Fixer:
    """Repairs findings of one program; holds a compiler and uses a node.

    Args:
        loaded: the program.
        rules: all rules that must stay silent about a change.
        node: where changes are replayed.
        settings: how sources are compiled, before and after.
        toolchain: where compilers come from.
        sequences: of calls that a fix is replayed with.
        seed: of the values in them.
    """

    def __init__(
        self,
        loaded: LoadedProgram,
        rules: Sequence[Rule],
        node: ReplayNode,
        *,
        settings: Settings | None = None,
        toolchain: Toolchain | None = None,
        sequences: int = 20,
        seed: int = 1,
    ) -> None:
        self.loaded = loaded
        self._rules: Final = rules
        self._node: Final = node
        self.settings: Final = settings or Settings()
        self._toolchain: Final = toolchain or Toolchain()
        self._effort: Final = Effort(sequences, seed)
        self._builds: dict[str, Build | str] = {}
        self._known: dict[str, tuple[Finding, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._toolchain.__exit__(kind, error, trace)

    def findings(self, path: str) -> tuple[Finding, ...]:
        """Scan the files that belong together with one."""
        if path not in self._known:
            self._known[path] = scan_program(self._part(path), self._rules).findings
        return self._known[path]

    def fix(self, finding: Finding) -> FixResult:
        """Repair one finding in the program as it is now.

        Returns:
            The first fix that passes every check, or why none does.

        Raises:
            OutOfTime: the node's budget is spent.
        """
        fitting = [each for each in TEMPLATES if _fits(each, finding)]
        if not fitting:
            return FixResult(finding, None, f"no template is for rule {finding.rule.id}")
        build = self._build(finding.location.path)
        if isinstance(build, str):
            return FixResult(finding, None, f"{_UNCOMPILED}: {build}")
        version = tuple(int(part) for part in build.compiled.version.split("."))
        site = site_of(build.loaded, finding, (version[0], version[1], version[2]))
        if site is None:
            return FixResult(finding, None, "the file holds no contract")
        reasons: list[str] = []
        for template in fitting:
            made = self._attempt(site, template, build)
            if isinstance(made, Fix):
                return FixResult(finding, made)
            reasons += [f"{template.name}: {made}"] if made else []
        told = "; ".join(reasons) or "the code has another shape than the templates know"
        return FixResult(finding, None, told)

    def _attempt(self, site: Site, template: Template, build: Build) -> Fix | str:
        """Return the template's fix, or why there is none: empty where it does not fit."""
        self._node.budget.require()
        try:
            return self._tried(site, template, build) or ""
        except Withheld as withheld:
            return withheld.message
        except OutOfTime:
            raise
        except Exception as error:  # a fault of ours must not end the repair of the rest
            return f"{type(error).__name__}: {error}"

    def accept(self, fix: Fix) -> None:
        """Go on from the program with a fix in it."""
        self.loaded = with_text(self.loaded, fix.path, fix.after)
        self._builds.clear()
        self._known.clear()

    def _tried(self, site: Site, template: Template, build: Build) -> Fix | None:
        proposal = next(template.proposals(site), None)
        return None if proposal is None else self._checked(site, template, (proposal, build))

    def _checked(self, site: Site, template: Template, given: tuple[Proposal, Build]) -> Fix:
        proposal, build = given
        path, before = site.text.path, site.text.data
        try:
            after, probe = applied(before, proposal.edits), applied(before, proposal.probe)
        except ValueError as error:
            raise Withheld(str(error)) from error
        changed = with_text(build.loaded, path, after)
        compare_findings(site.finding, self.findings(path), changed, self._rules)
        name = site.contract.tree.name
        layouts = fixed_layouts if _has_heirs_elsewhere(site, build) else same_layouts
        pairs = compare_builds(build, self._compiled(changed, path, build), name, layouts=layouts)
        if probe != after:
            marked = self._compiled(with_text(build.loaded, path, probe), path, build)
            pairs = compare_builds(build, marked, name, layouts=layouts)
        proof = prove(
            self._node,
            pairs,
            proposal,
            site,
            panics=template.panics,
            effort=self._effort,
        )
        version = build.compiled.version
        return Fix(template.name, path, before, after, proposal.edits, proof, version)

    def _compiled(self, changed: LoadedProgram, path: str, build: Build) -> Build:
        version, others = build.compiled.version, build.sources.names.keys()
        try:
            return compile_build(
                self._toolchain, changed, path, self.settings, version=version, others=others
            )
        except NotCompiled as error:
            raise Withheld(f"it does not compile: {compile_problem(error)}") from error

    def _build(self, path: str) -> Build | str:
        if path not in self._builds:
            self._builds[path] = self._compiled_with(path, _importers(self.loaded, path))
        return self._builds[path]

    def _compiled_with(self, path: str, others: frozenset[str]) -> Build | str:
        """Compile a file, if it can be with those that import it: they must go on to compile."""
        part = self._part(path)
        try:
            return compile_build(self._toolchain, part, path, self.settings, others=others)
        except NotCompiled as error:
            return self._compiled_with(path, frozenset()) if others else compile_problem(error)

    def _part(self, path: str) -> LoadedProgram:
        """Return the program with only those files scanned that belong together with one."""
        group = next((each.paths for each in groups_of(self.loaded) if path in each.paths), (path,))
        return replace(self.loaded, scanned=group)


def _importers(loaded: LoadedProgram, path: str) -> frozenset[str]:
    """Return the files that import one, directly or not; none if there are too many."""
    units = loaded.program.units
    found = frozenset(
        unit.path
        for unit in units
        if unit.path != path and any(each.path == path for each in unit.visible)
    )
    return found if len(found) <= _MAX_IMPORTERS else frozenset()


def _has_heirs_elsewhere(site: Site, build: Build) -> bool:
    """Whether contracts derive from the changed one that were not compiled with it."""
    return any(
        each.unit.path not in build.sources.names
        and any(one.tree.name == site.contract.tree.name for one in each.ancestry)
        for each in site.program.contracts
    )


def _fits(template: Template, finding: Finding) -> bool:
    rule = finding.rule
    return rule.id in template.rules or (bool(rule.swc) and rule.swc in template.swc)
