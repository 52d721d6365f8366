"""A series as SVG with its flagged intervals (matplotlib, extra `plot`)."""

import io
from collections.abc import Sequence

from diptych.core.missing import MissingExtra
from diptych.data.sensors.findings import RULES, Finding, Limits
from diptych.data.sensors.profile import DAY_S
from diptych.data.sensors.series import Series

_SALT = "diptych"


def plot_series(
    series: Series, findings: Sequence[Finding], *, limits: Limits | None = None
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
        times = series.times_s / DAY_S  # matplotlib counts days since 1970
        axes.xaxis_date()
        axes.plot(times, series.values, linewidth=0.7, color="#1f2d3d")
        rules = [rule for rule in RULES if any(one.rule == rule for one in findings)]
        for number, rule in enumerate(rules):
            spans = [one for one in findings if one.rule == rule]
            for place, one in enumerate(spans):
                axes.axvspan(
                    times[one.first],
                    times[one.last],
                    color=f"C{number % 10}",
                    alpha=0.3,
                    linewidth=2,
                    label=rule if place == 0 else None,
                )
        for limit in (limits.low, limits.high) if limits else ():
            axes.axhline(limit, color="#b00020", linewidth=0.8, linestyle="--")
        axes.set_title(series.name, loc="left")
        axes.set_ylabel(series.unit or "value")
        if rules:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        target = io.BytesIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": "diptych"})
    return target.getvalue()
