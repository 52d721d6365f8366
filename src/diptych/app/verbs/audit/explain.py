"""`audit explain`: a finding by its fingerprint, and why the rule spoke."""

import re
from collections.abc import Sequence
from pathlib import Path

from diptych.app.verbs.audit.scan import Auditing, audit, ranker_for, shown_path
from diptych.audit.errors import NoSuchFinding
from diptych.audit.explain import Explanation, explain
from diptych.audit.source.files import find_sources
from diptych.core.progress import ProgressFactory, silent

__all__ = ["explain_finding"]

_FINGERPRINT = re.compile(r"[0-9a-f]{6,32}")


def explain_finding(
    what: str,
    paths: Sequence[Path],
    folder: Path,
    *,
    cache: bool = True,
    progress: ProgressFactory = silent,
) -> Explanation:
    """Explain the finding whose fingerprint begins as given.

    Args:
        what: at least six hex digits.
        paths: what was scanned; nothing means the folder.
        folder: that paths start from.
        cache: use what earlier scans found.
        progress: how to show what is done.

    Raises:
        NoSuchFinding: no finding, or several.
    """
    if _FINGERPRINT.fullmatch(what) is None:
        raise NoSuchFinding(
            f"got '{what[:80]}', expected the id of a rule or at least 6 hex digits of a finding",
            hint="diptych audit scan shows the fingerprint of each finding",
        )
    shown = [shown_path(folder, path) for path in (paths or (Path(),))]
    how = Auditing(cache=cache, ignore=False)
    done = audit(shown, folder, how, progress=progress)
    named = done.triaged.report.fingerprints
    found = [one for one, name in named if name.startswith(what)]
    if len(found) != 1:
        raise NoSuchFinding(
            f"{len(found)} of {len(named)} findings have a fingerprint that begins with {what}",
            hint="diptych audit scan shows the fingerprint of each finding",
        )
    made = explain(find_sources(shown), done.rules, found[0], ranker_for(how))
    if made is None:
        raise NoSuchFinding("the sources changed since they were scanned", hint="run it again")
    return made
