"""What changed since a seal, quickly: files that look untouched are not read again."""

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.manifest.ignore import ignore_rules, read_ignore_file
from diptych.provenance.manifest.journal import ScanJournal
from diptych_verify.compare import Changes, compare
from diptych_verify.manifest import read_manifest
from diptych_verify.scan import ScanOptions, scan
from diptych_verify.walk import Problem


def tree_status(
    path: Path,
    manifest: BinaryIO,
    *,
    journal: Path | None = None,
    workers: int = 2,
    progress: ProgressFactory = silent,
) -> Changes:
    """Compare a file or folder with a manifest object, trusting size, times and inode.

    A hint for people at work, no evidence: somebody who sets times back is not noticed.
    `diptych_verify.compare.verify_tree` reads every byte.

    Args:
        path: file or folder as it is now.
        manifest: stream of the manifest object.
        journal: digests of the scan that made it; None reads everything.
        workers: threads that hash files above 1 MiB.
        progress: told of bytes.

    Raises:
        MalformedError: the manifest cannot be read.
        BadIgnoreFile: the ignore file cannot be understood.
    """
    reader = read_manifest(manifest)
    name = reader.header.ignore
    rules = None if name is None else read_ignore_file(path, name)
    problems: list[Problem] = []
    with ExitStack() as stack:
        hints = None
        if journal is not None and path.is_dir():
            hints = stack.enter_context(ScanJournal(journal, path, reader.header.algorithms))
        task = stack.enter_context(progress("comparing", total=None, unit="B"))
        options = ScanOptions(
            algorithms=reader.header.algorithms,
            workers=workers,
            report=problems.append,
            ignore=None if name is None or rules is None else ignore_rules(name, rules),
            known=None if hints is None else hints.known,
            advance=task.advance,
        )
        return compare(scan(path, options), reader, problems=problems)
