"""SARIF 2.1.0 (OASIS standard), as code-scanning services read it."""

from collections.abc import Sequence
from importlib.metadata import version

from diptych.audit.finding import Finding, Location, RuleInfo
from diptych.audit.scan import Report
from diptych_verify.errors import JsonValue

__all__ = ["sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"high": "error", "medium": "warning", "low": "note", "info": "note"}
_SCORES = {"high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}


def sarif(report: Report, rules: Sequence[RuleInfo]) -> dict[str, JsonValue]:
    """Write a report as one SARIF run.

    Args:
        report: what the scan found.
        rules: facts about the rules that ran.
    """
    partial: list[JsonValue] = [
        {
            "level": "warning",
            "message": {"text": reason},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": file.path}}}],
        }
        for file in report.files
        for reason in file.reasons
    ]
    driver: dict[str, JsonValue] = {
        "name": "diptych audit",
        "semanticVersion": version("diptych"),
        "rules": [_rule(rule) for rule in rules],
    }
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": partial}],
        "results": [_result(finding, name) for finding, name in report.fingerprints],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: RuleInfo) -> JsonValue:
    help_text = f"{rule.description}\n\n{rule.scenario}\n\n{rule.fix}\n\n{rule.reference}"
    tags: list[JsonValue] = ["security", *(each for each in (rule.swc, rule.cwe) if each)]
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


def _result(finding: Finding, fingerprint: str) -> JsonValue:
    return {
        "ruleId": finding.rule.id,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding.location)],
        "relatedLocations": [_location(each) for each in finding.related],
        "partialFingerprints": {"diptych/v1": fingerprint},
        "properties": {"category": finding.rule.category, "severity": finding.severity},
    }


def _location(place: Location) -> JsonValue:
    full = ".".join(part for part in (place.contract, place.function) if part)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": place.path},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        },
        "logicalLocations": [
            {"name": place.function, "fullyQualifiedName": full, "kind": "function"}
        ],
    }
