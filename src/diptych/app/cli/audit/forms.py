"""The forms of an audit report; each is imported when it is asked for."""

import json
from collections.abc import Sequence

from diptych.app.verbs.audit.scan import Audited

__all__ = ["written_page", "written_report"]


def written_report(done: Audited, form: str) -> str:
    """Return a report as text.

    Args:
        done: what an audit came to.
        form: text, json, sarif, markdown or html.
    """
    if form == "json":
        return json.dumps(done.to_json(), indent=1)
    if form == "sarif":
        from diptych.audit.report.sarif import sarif

        return json.dumps(sarif(done.triaged, [rule.info for rule in done.rules]), indent=1)
    if form == "markdown":
        from diptych.audit.report.markdown import markdown

        return markdown(done.triaged)
    if form == "html":
        return written_page(done)
    from diptych.audit.report.terminal import terminal

    return terminal(done.triaged)


def written_page(done: Audited, charts: Sequence[tuple[str, bytes]] = ()) -> str:
    """Return a report as one HTML file, with charts (titles and SVG) before the usual ones."""
    from diptych.audit.report.chart import risk_chart
    from diptych.audit.report.page import Illustrations, report_page
    from diptych.audit.report.pictures import pictures
    from diptych.core.missing import MissingExtra

    risks = done.triaged.risks
    drawn = [*charts]
    notes: list[str] = []
    try:
        if risks:
            drawn.append(("Risk", risk_chart(risks)))
    except MissingExtra as error:
        notes.append(f"No chart of risks: {error.message}; {error.hint}")
    shown = Illustrations(drawn, pictures(done.triaged), notes)
    return report_page(done.triaged, "Audit of smart contracts", shown)
