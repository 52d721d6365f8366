"""A series as SVG with its flagged intervals and its forecast (matplotlib, extra `plot`)."""

import base64
import html
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diptych.core.missing import MissingExtra
from diptych.data.sensors.findings import RULES, Finding, Limits
from diptych.data.sensors.profile import DAY_S
from diptych.data.sensors.series import Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from diptych.data.sensors.outlook import Step

_SALT = "diptych"


def plot_series(
    series: Series,
    findings: Sequence[Finding],
    *,
    limits: Limits | None = None,
    forecast: "Sequence[Step]" = (),
) -> bytes:
    """Return a self-contained SVG; the same input gives the same bytes.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot") from error
    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.xaxis_date()
        times = series.times_s / DAY_S  # matplotlib counts days since 1970
        axes.plot(times, series.values, linewidth=0.7, color="#1f2d3d")
        _mark(axes, series, findings)
        _continue(axes, forecast)
        for limit in (limits.low, limits.high) if limits else ():
            axes.axhline(limit, color="#b00020", linewidth=0.8, linestyle="--")
        axes.set_title(series.name, loc="left", parse_math=False)
        axes.set_ylabel(series.unit or "value")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        target = io.BytesIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": "diptych"})
    return target.getvalue()


def plot_page(svg: bytes, *, title: str, sentences: Sequence[str]) -> bytes:
    """Return a self-contained HTML page with a picture and what is to be said of it."""
    policy = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"
    picture = base64.b64encode(svg).decode()
    lines = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{html.escape(title)}</title></head><body>",
        f"<h1>{html.escape(title)}</h1>",
        *(f"<p>{html.escape(one)}</p>" for one in sentences),
        f'<img width="100%" alt="{html.escape(title)}" src="data:image/svg+xml;base64,{picture}">',
        "</body></html>",
    ]
    return "\n".join(lines).encode()


def _mark(axes: "Axes", series: Series, findings: Sequence[Finding]) -> None:
    times = series.times_s / DAY_S
    rules = [rule for rule in RULES if any(one.rule == rule for one in findings)]
    for number, rule in enumerate(rules):
        for place, one in enumerate(one for one in findings if one.rule == rule):
            axes.axvspan(
                times[one.first],
                times[one.last],
                color=f"C{number % 10}",
                alpha=0.3,
                linewidth=2,
                label=rule if place == 0 else None,
            )


def _continue(axes: "Axes", forecast: "Sequence[Step]") -> None:
    if not forecast:
        return
    times = [one.time_s / DAY_S for one in forecast]
    low, high = [one.low for one in forecast], [one.high for one in forecast]
    axes.plot(times, [one.value for one in forecast], color="#0b5cad", label="forecast")
    axes.fill_between(times, low, high, color="#0b5cad", alpha=0.2, linewidth=0, label="interval")
