"""Gas before and after as a chart (matplotlib, extra `plot`)."""

import io
from collections.abc import Sequence
from typing import NamedTuple

from diptych.core.missing import MissingExtra

__all__ = ["GasBar", "gas_chart"]

_SHOWN = 20
_SALT = "diptych"
_MAX_NAME = 44
_COLOURS = {"before": "#bfc5cc", "after": "#1a7f37"}


class GasBar(NamedTuple):
    """A function or deployment with its mean gas before and after."""

    name: str
    before: float
    after: float


def gas_chart(bars: Sequence[GasBar]) -> bytes:
    """Return a self-contained SVG: gas after in percent of gas before, what saves most first.

    Args:
        bars: at least one.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot") from error
    known = [each for each in bars if each.before > 0]
    shown = sorted(known, key=_share)[:_SHOWN][::-1]
    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 0.8 + 0.34 * len(shown)), layout="constrained")
        axes = figure.add_subplot()
        rows = range(len(shown))
        axes.barh(rows, [100.0] * len(shown), color=_COLOURS["before"], label="before")
        widths = [100 * _share(each) for each in shown]
        axes.barh(rows, widths, height=0.5, color=_COLOURS["after"], label="after")
        for at, each in enumerate(shown):
            told = f"{each.before:,.0f} to {each.after:,.0f}"
            axes.text(max(100.0, widths[at]) + 1, at, told, va="center")
        axes.set_yticks(rows, [_plain(each.name) for each in shown], parse_math=False)
        axes.set_xlim(0, 135)
        axes.set_xlabel("gas, percent of before")
        axes.legend(loc="lower right", frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        target = io.BytesIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": "diptych"})
    return target.getvalue()


def _share(bar: GasBar) -> float:
    return bar.after / bar.before


def _plain(name: str) -> str:
    plain = "".join(each if each.isprintable() else " " for each in name)
    return plain if len(plain) <= _MAX_NAME else f"{plain[: _MAX_NAME - 1]}…"
