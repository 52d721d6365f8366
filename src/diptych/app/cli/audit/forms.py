"""The forms of an audit report; each is imported when it is asked for."""

import json

from diptych.app.verbs.audit.scan import Audited

__all__ = ["written_report"]


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
        return _page(done)
    from diptych.audit.report.terminal import terminal

    return terminal(done.triaged)


def _page(done: Audited) -> str:
    from diptych.audit.report.chart import risk_chart
    from diptych.audit.report.page import Illustrations, report_page
    from diptych.audit.report.pictures import pictures
    from diptych.core.missing import MissingExtra

    risks = done.triaged.risks
    charts: list[tuple[str, bytes]] = []
    notes: list[str] = []
    try:
        if risks:
            charts.append(("Risk", risk_chart(risks)))
    except MissingExtra as error:
        notes.append(f"No chart of risks: {error.message}; {error.hint}")
    shown = Illustrations(charts, pictures(done.triaged), notes)
    return report_page(done.triaged, "Audit of smart contracts", shown)
