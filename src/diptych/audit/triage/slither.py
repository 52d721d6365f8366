"""Suppressions that a project keeps for Slither: comments, triage database, excluded detectors.

Detectors are mapped to our rules; a detector without a like here silences nothing. Formats:
Slither's wiki, "Usage", "Triage mode" and "Configuration file".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from diptych.audit.errors import BadTriageFile
from diptych.audit.finding import RuleInfo
from diptych.audit.source.text import SourceText
from diptych.audit.triage.suppression import ALL, Suppression
from diptych.core.errors import MalformedError
from diptych_verify.errors import JsonValue
from diptych_verify.jsonio import strict_json

__all__ = ["SlitherImport"]

_REENTRANCY: Final = "reentrancy reentrancy-cross-function reentrancy-token-hook"
_ALIKE: Final[Mapping[str, str]] = {
    "abiencoderv2-array": "compiler-bug",
    "arbitrary-send-erc20": "arbitrary-from open-move",
    "arbitrary-send-erc20-permit": "arbitrary-from open-move",
    "arbitrary-send-eth": "open-withdrawal open-amount",
    "block-timestamp": "block-time",
    "calls-loop": "push-payment",
    "constant-function-asm": "compiler-version",
    "controlled-array-length": "arbitrary-storage-write",
    "controlled-delegatecall": "delegatecall-to-input",
    "costly-loop": "growing-loop",
    "delegatecall-loop": "reused-value",
    "divide-before-multiply": "division-before-multiplication",
    "domain-separator-collision": "signature-without-domain",
    "encode-packed-collision": "packed-collision",
    "incorrect-equality": "exact-balance",
    "incorrect-return": "missing-return",
    "locked-ether": "locked-ether",
    "low-level-calls": "unchecked-call",
    "mapping-deletion": "mapping-survives-delete",
    "msg-value-loop": "reused-value",
    "multiple-constructors": "compiler-bug",
    "name-reused": "inheritance-order",
    "out-of-order-retryable": "transaction-order",
    "reentrancy-balance": _REENTRANCY,
    "reentrancy-benign": _REENTRANCY,
    "reentrancy-eth": _REENTRANCY,
    "reentrancy-events": _REENTRANCY,
    "reentrancy-no-eth": _REENTRANCY,
    "reentrancy-unlimited-gas": _REENTRANCY,
    "return-bomb": "starved-call",
    "rtlo": "hidden-text-direction",
    "shadowing-abstract": "shadowed-state",
    "shadowing-builtin": "shadowed-local",
    "shadowing-local": "shadowed-local",
    "shadowing-state": "shadowed-state inheritance-disorder",
    "solc-version": "compiler-version compiler-bug",
    "suicidal": "unprotected-selfdestruct",
    "tautological-compare": "constant-condition",
    "tautology": "constant-condition",
    "timestamp": "block-time",
    "tx-origin": "tx-origin",
    "unchecked-lowlevel": "unchecked-call",
    "unchecked-send": "unchecked-call",
    "unchecked-transfer": "unchecked-token-return",
    "uninitialized-fptr-cst": "uninitialised-function-pointer",
    "uninitialized-storage": "uninitialised-storage-pointer uninitialised-struct",
    "unprotected-upgrade": "unlocked-implementation unprotected-upgrade",
    "unused-return": "unused-return",
    "weak-prng": "weak-randomness",
}
_NEXT_LINE = re.compile(r"slither-disable-next-line\s+([\w,\- ]{1,500})")
_START = re.compile(r"slither-disable-start(?:\s+([\w,\- ]{1,500}))?")
_END = re.compile(r"slither-disable-end(?:\s+([\w,\- ]{1,500}))?")
_MAX_BYTES = 64 << 20
_MAX_RESULTS = 100_000
_MAX_ELEMENTS = 200
_REASON = "suppressed for Slither's detector"


class SlitherImport:
    """Reads Slither's suppressions.

    Args:
        rules: what is installed here, to map detectors to.
    """

    def __init__(self, rules: Iterable[RuleInfo]) -> None:
        self._rules: Final = tuple(rules)

    def rules_for(self, detectors: Iterable[str]) -> frozenset[str]:
        """Return our rules that look for the same as some of Slither's detectors."""
        names = {each.strip() for each in detectors if each.strip()}
        if "all" in names:
            return frozenset({ALL})
        alike = {word for name in names for word in _ALIKE.get(name, "").split()}
        return frozenset(one.id for one in self._rules if one.id in alike)

    def comments(self, text: SourceText) -> Iterator[Suppression]:
        """Yield what a file's comments suppress."""
        if b"slither-disable" not in text.data:
            return
        marked = [
            (number, line)
            for number in range(1, len(text.line_starts) + 1)
            if "slither-disable" in (line := text.line(number))
        ]
        for number, line in marked:
            if match := _NEXT_LINE.search(line):
                yield self._made(text.path, match[1], (number + 1, number + 1), number)
        yield from self._stretches(text, marked)

    def _stretches(
        self, text: SourceText, marked: Iterable[tuple[int, str]]
    ) -> Iterator[Suppression]:
        """Yield what is suppressed from a start to its end, or to the end of the file."""
        open_at: dict[str, int] = {}
        for number, line in marked:
            if match := _START.search(line):
                open_at.setdefault((match[1] or "all").strip(), number)
            elif match := _END.search(line):
                names = (match[1] or "all").strip()
                start = open_at.pop(names, None)
                if start is not None:
                    yield self._made(text.path, names, (start, number), start)
        for names, start in open_at.items():
            yield self._made(text.path, names, (start, len(text.line_starts)), start)

    def _made(self, path: str, names: str, lines: tuple[int, int], at: int) -> Suppression:
        return Suppression(
            origin=f"{path}:{at}",
            kind="inSource",
            rules=self.rules_for(re.split(r"[,\s]+", names)),
            reason=f"{_REASON} {names.strip()}",
            path=path,
            lines=lines,
        )

    def config(self, path: Path) -> Iterator[Suppression]:
        """Yield what `slither.config.json` excludes.

        Raises:
            BadTriageFile: it is no such file.
        """
        value = _json(path)
        excluded = value.get("detectors_to_exclude", "") if isinstance(value, dict) else None
        if isinstance(excluded, list):
            excluded = ",".join(str(each) for each in excluded)
        if not isinstance(excluded, str):
            raise BadTriageFile(f"{path}: expected an object with detectors_to_exclude")
        for name in excluded.split(","):
            if rules := self.rules_for([name]):
                yield Suppression(path.name, "external", rules, f"{_REASON} {name.strip()}")

    def database(self, path: Path) -> Iterator[Suppression]:
        """Yield what `slither.db.json` triaged: by detector, contract and function.

        Raises:
            BadTriageFile: it is no such file.
        """
        value = _json(path)
        if not isinstance(value, list) or len(value) > _MAX_RESULTS:
            raise BadTriageFile(f"{path}: expected a list of at most {_MAX_RESULTS:,} results")
        seen: dict[Suppression, None] = {}
        for result in value:
            if isinstance(result, dict) and len(seen) < _MAX_RESULTS:
                seen.update(dict.fromkeys(self._triaged(path, result)))
        yield from seen

    def _triaged(self, path: Path, result: dict[str, JsonValue]) -> Iterator[Suppression]:
        check, elements = result.get("check"), result.get("elements")
        rules = self.rules_for([check]) if isinstance(check, str) else frozenset()
        if not rules or not isinstance(elements, list):
            return
        for element in elements[:_MAX_ELEMENTS]:
            if isinstance(element, dict) and element.get("type") == "function":
                contract = _text(element, "type_specific_fields", "parent", "name")
                function = _text(element, "name")
                if contract and function:
                    yield Suppression(
                        path.name,
                        "external",
                        rules,
                        f"{_REASON} {check}",
                        contract=contract,
                        function=function,
                    )


def _text(value: JsonValue, *names: str) -> str:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _json(path: Path) -> JsonValue:
    try:
        with path.open("rb") as stream:
            return strict_json(stream.read(_MAX_BYTES + 1), max_bytes=_MAX_BYTES, max_depth=64)
    except OSError as error:
        raise BadTriageFile(f"{path} cannot be read: {error.strerror}") from error
    except MalformedError as error:
        raise BadTriageFile(f"{path}: {error.message}") from error
