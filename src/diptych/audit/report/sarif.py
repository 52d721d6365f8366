"""SARIF 2.1.0 (OASIS standard), as code-scanning services read it."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import PurePath
from urllib.parse import quote

from diptych.audit.finding import FileState, Finding, Location, RuleInfo
from diptych.audit.patch import Patch
from diptych.audit.triage.triaged import Triaged
from diptych_verify.errors import JsonValue

__all__ = ["sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES = {"high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
_FINGERPRINT = "diptych/v1"
_UNRESERVED = "/()+,@!$&'*;=:~"


def sarif(triaged: Triaged, rules: Sequence[RuleInfo]) -> dict[str, JsonValue]:
    """Write a report as one SARIF run.

    Args:
        triaged: what the scan found, with suppressions and baseline.
        rules: facts about the rules that ran; those of findings are added.
    """
    report = triaged.report
    infos = {rule.id: rule for rule in (*rules, *(one.rule for one in report.findings))}
    order = {name: at for at, name in enumerate(infos)}
    driver: dict[str, JsonValue] = {
        "name": "diptych audit",
        "semanticVersion": version("diptych"),
        "rules": [_rule(rule) for rule in infos.values()],
    }
    invocation: dict[str, JsonValue] = {
        "executionSuccessful": not report.interrupted,
        "toolExecutionNotifications": [*_notifications(report.files, triaged.notices)],
    }
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "artifacts": [_artifact(file) for file in report.files],
        "results": [
            {**_result(triaged, one, name), "ruleIndex": order[one.rule.id]}
            for one, name in report.fingerprints
        ],
        "properties": {"contracts": [risk.to_json() for risk in triaged.risks]},
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _notifications(files: Iterable[FileState], notices: Iterable[str]) -> Iterable[JsonValue]:
    for file in files:
        for reason in file.reasons:
            yield {
                "level": "warning",
                "descriptor": {"id": "partial"},
                "message": {"text": reason},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file.path)}}}],
            }
    for notice in notices:
        yield {
            "level": "warning",
            "descriptor": {"id": "notice"},
            "message": {"text": notice},
        }


def _artifact(file: FileState) -> JsonValue:
    made: dict[str, JsonValue] = {
        "location": {"uri": _uri(file.path)},
        "hashes": {"sha-256": file.digest},
    }
    return {**made, "properties": {"compiler": file.compiler}} if file.compiler else made


def _rule(rule: RuleInfo) -> JsonValue:
    help_text = f"{rule.description}\n\n{rule.scenario}\n\n{rule.fix}\n\n{rule.reference}"
    classes = [each for each in (rule.swc, rule.cwe, rule.owasp) if each]
    external = [f"external/cwe/{rule.cwe.lower()}"] if rule.cwe else []
    tags: list[JsonValue] = ["security", *classes, *external]
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description},
        "help": {"text": help_text},
        "helpUri": rule.reference,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "category": rule.category,
            "severity": rule.severity,
            "security-severity": _SCORES[rule.severity],
            "tags": tags,
        },
    }


def _result(triaged: Triaged, finding: Finding, name: str) -> dict[str, JsonValue]:
    result: dict[str, JsonValue] = {
        "ruleId": finding.rule.id,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding.location)],
        "relatedLocations": [
            {"id": at, "message": {"text": text}, **_location(place)}
            for at, (text, place) in enumerate(_around(finding), 1)
        ],
        "partialFingerprints": {_FINGERPRINT: name},
        "properties": _properties(finding),
    }
    if finding.risk is not None:
        result["rank"] = finding.risk
    state = triaged.state(name)
    if state:
        result["baselineState"] = state
    given = triaged.suppressed.get(name)
    if given is not None:
        result["suppressions"] = [
            {"kind": given.kind, "status": "accepted", "justification": given.reason}
        ]
    if name in triaged.patches:
        result["fixes"] = [_fix(triaged.patches[name])]
    return result


def _properties(finding: Finding) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "category": finding.rule.category,
        "severity": finding.severity,
        "risk": finding.risk,
        "spoke": list(finding.spoke),
    }
    if finding.probability is not None:
        found["probability"] = finding.probability
    if finding.exposure is not None:
        found["exposure"] = finding.exposure.to_json()
    return found


def _around(finding: Finding) -> Iterable[tuple[str, Location]]:
    yield from (("belongs to it", place) for place in finding.related)
    yield from (("carried the judgement", place) for place in finding.evidence)


def _fix(patch: Patch) -> JsonValue:
    changes: dict[str, list[JsonValue]] = {}
    for one in patch.replacements:
        deleted: JsonValue = {
            "startLine": one.line,
            "startColumn": one.column,
            "endLine": one.end_line,
            "endColumn": one.end_column,
        }
        changes.setdefault(one.path, []).append(
            {"deletedRegion": deleted, "insertedContent": {"text": one.text}}
        )
    listed: list[JsonValue] = [
        {"artifactLocation": {"uri": _uri(path)}, "replacements": each}
        for path, each in changes.items()
    ]
    return {"description": {"text": patch.description}, "artifactChanges": listed}


def _location(place: Location) -> dict[str, JsonValue]:
    full = ".".join(part for part in (place.contract, place.function) if part)
    found: dict[str, JsonValue] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.path)},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        }
    }
    if full:
        kind = "function" if place.function else "type"
        name = place.function or place.contract
        found["logicalLocations"] = [{"name": name, "fullyQualifiedName": full, "kind": kind}]
    return found


def _uri(path: str) -> str:
    """Return a path as a URI reference: relative ones stay so (RFC 3986)."""
    pure = PurePath(path)
    text = quote(pure.as_posix(), safe=_UNRESERVED)
    if pure.is_absolute():
        return f"file://{text}"
    return f"./{text}" if ":" in text.partition("/")[0] else text
