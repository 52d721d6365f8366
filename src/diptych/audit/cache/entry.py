"""What is kept of one group of files: what it was made of, and what was found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from diptych.audit.finding import Exposure, FileState, Finding, Location, RuleInfo
from diptych.audit.scan import GroupFound

__all__ = ["KeptGroup", "KeptLoaded", "Member", "parse_group", "parse_loaded"]


@dataclass(frozen=True)
class Member:
    """A file of a group: the path that reports show, its real path, its SHA-256."""

    path: str
    real: str
    digest: str


@dataclass(frozen=True)
class KeptGroup:
    """One group.

    Attributes:
        scanned: paths that were reported on.
        members: every file that was read, imported ones too.
        links: imports: real path of the importer, what it says, real path of what was found.
        found: what was found.
    """

    scanned: tuple[str, ...]
    members: tuple[Member, ...]
    links: tuple[tuple[str, str, str | None], ...]
    found: GroupFound

    def dump(self) -> dict[str, Any]:
        """Return the group as plain data."""
        return {
            "scanned": self.scanned,
            "members": [[one.path, one.real, one.digest] for one in self.members],
            "links": self.links,
            **_dumped(self.found),
        }


@dataclass(frozen=True)
class KeptLoaded:
    """What was found in a group whose sources were loaded: `key` is a digest of all of them."""

    key: str
    found: GroupFound

    def dump(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"key": self.key, **_dumped(self.found)}


def _dumped(found: GroupFound) -> dict[str, Any]:
    return {
        "rules": {one.rule.id: asdict(one.rule) for one in found.findings},
        "findings": [one.to_json() for one in found.findings],
        "files": [[f.path, f.lines, f.reasons, f.digest, f.compiler] for f in found.files],
    }


def parse_group(value: Any) -> KeptGroup:
    """Read a group as `KeptGroup.dump` wrote it.

    Raises:
        KeyError, TypeError, ValueError: it was written by something else.
    """
    return KeptGroup(
        scanned=tuple(value["scanned"]),
        members=tuple(Member(*one) for one in value["members"]),
        links=tuple((importer, said, found) for importer, said, found in value["links"]),
        found=_found(value),
    )


def parse_loaded(value: Any) -> KeptLoaded:
    """Read what `KeptLoaded.dump` wrote.

    Raises:
        KeyError, TypeError, ValueError: it was written by something else.
    """
    return KeptLoaded(str(value["key"]), _found(value))


def _found(value: Any) -> GroupFound:
    rules = {name: RuleInfo(**info) for name, info in value["rules"].items()}
    findings = tuple(_finding(one, rules) for one in value["findings"])
    files = tuple(
        FileState(path, lines, tuple(why), digest, compiler)
        for path, lines, why, digest, compiler in value["files"]
    )
    return GroupFound(findings, files)


def _finding(value: Any, rules: Mapping[str, RuleInfo]) -> Finding:
    exposure = value["exposure"]
    return Finding(
        rules[value["rule"]],
        value["severity"],
        value["message"],
        Location(**value["location"]),
        tuple(Location(**one) for one in value["related"]),
        probability=value["probability"],
        spoke=tuple(value["spoke"]),
        evidence=tuple(Location(**one) for one in value["evidence"]),
        exposure=None if exposure is None else Exposure(**exposure),
        risk=value["risk"],
    )
