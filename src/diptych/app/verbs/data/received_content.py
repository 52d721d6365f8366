"""Content of a share: written where only proven paths lead, then held against the proof."""

import json
from io import BytesIO
from pathlib import Path

from diptych.app.verbs.data.share_claim import WrongShare, statement_of_bundle
from diptych.core.errors import JsonValue
from diptych.core.files import make_folder, write_error
from diptych.provenance.manifest import ignore_rules
from diptych.provenance.sharing.container import ShareStream
from diptych_verify.bundle import Bundle
from diptych_verify.disclosed import disclosed_files
from diptych_verify.evidence import Evidence
from diptych_verify.manifest import ManifestEntry, is_safe_path, read_manifest
from diptych_verify.policy import TrustPolicy
from diptych_verify.statement import Statement
from diptych_verify.verify import verify_bundle

RECEIVED = "data"
ROWS = "rows.json"
_MAX_FILES = 1_000_000


def write_content(folder: Path, subject: Bundle, content: ShareStream) -> int:
    """Write the files that a verified proof names, or the rows that it shows.

    Args:
        folder: to make; nothing is written outside of it.
        subject: the verified bundle; sizes and paths come from it alone.
        content: what the share holds.

    Returns:
        How many files the share holds.

    Raises:
        WrongShare: the proof names no files or fields, or paths that no folder can have.
        BadShare: the content ends early, is altered, or holds more than is proven.
    """
    make_folder(folder)
    statement = statement_of_bundle(subject)
    if _is_table(statement):
        content.require_end()
        (folder / ROWS).write_bytes(_rows(subject, statement))
        return 0
    entries = _entries(subject, statement)
    for entry in entries:
        _write(folder, entry, content)
    content.require_end()
    return len(entries)


def check_content(folder: Path, subject: Bundle, raw: bytes, policy: TrustPolicy) -> Evidence:
    """Re-read the files and compare them with the proof.

    Raises:
        DigestMismatch: a file is not what was sealed.
        VerificationError: the proof does not verify.
    """
    statement = statement_of_bundle(subject)
    if _is_table(statement):
        return verify_bundle(raw, policy=policy)
    single = statement.manifest is not None and "sha256" in statement.subjects[0].digests
    names = sorted(folder.iterdir())
    path = names[0] if single and len(names) == 1 else folder
    return verify_bundle(raw, policy=policy, path=path, rules=ignore_rules)


def _is_table(statement: Statement) -> bool:
    return statement.kind == "private" and "table" in statement.predicate


def _entries(subject: Bundle, statement: Statement) -> list[ManifestEntry]:
    if statement.manifest is not None and subject.manifest is not None:
        found = list(read_manifest(BytesIO(subject.manifest)))
    elif statement.kind == "private":
        found = disclosed_files(subject.disclosed)
    else:
        raise WrongShare("the proof in this share names no files")
    if len(found) > _MAX_FILES or not all(_fits(entry.path) for entry in found):
        raise WrongShare("the proof in this share names paths that cannot be written")
    return found


def _fits(path: str) -> bool:
    return is_safe_path(path) and not path.startswith("/") and "\\" not in path


def _write(folder: Path, entry: ManifestEntry, content: ShareStream) -> None:
    place = folder / entry.path
    try:
        make_folder(place.parent)
        with place.open("xb") as stream:
            for chunk in content.take(entry.size):
                stream.write(chunk)
    except OSError as error:
        raise write_error(place, error) from error


def _rows(subject: Bundle, statement: Statement) -> bytes:
    """Return the shown fields by row; a row's number is that of its block in the tree."""
    table = statement.predicate.get("table")
    width = table.get("width") if isinstance(table, dict) else None
    if not isinstance(width, int) or width < 1 or not subject.disclosed:
        raise WrongShare("the proof in this share shows no rows")
    rows: dict[int, dict[str, JsonValue]] = {}
    for field in subject.disclosed:
        rows.setdefault(field.index // width, {})[field.name] = field.value
    shown = [{"row": number, "fields": rows[number]} for number in sorted(rows)]
    return json.dumps(shown, indent=1, ensure_ascii=False).encode() + b"\n"
