"""The risk of contracts as a chart (matplotlib, extra `plot`)."""

import io
from collections.abc import Sequence

from diptych.audit.risk import ContractRisk
from diptych.core.missing import MissingExtra

__all__ = ["risk_chart"]

_SHOWN = 15
_SALT = "diptych"
_COLOURS = {"high": "#a40e26", "medium": "#bc4c00", "low": "#9a6700", "info": "#57606a"}
_MAX_NAME = 36


def risk_chart(risks: Sequence[ContractRisk]) -> bytes:
    """Return a self-contained SVG: a bar for each contract, parted by severity of what adds to it.

    Args:
        risks: the riskiest first; at least one.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot") from error
    shown = list(risks[:_SHOWN])[::-1]
    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 0.8 + 0.34 * len(shown)), layout="constrained")
        axes = figure.add_subplot()
        left = [0.0] * len(shown)
        for severity, colour in _COLOURS.items():
            widths = [_share(risk, severity) for risk in shown]
            axes.barh(range(len(shown)), widths, left=left, color=colour, label=severity)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        for at, risk in enumerate(shown):
            axes.text(risk.score + 1, at, f"{risk.score:.0f}", va="center")
        names = [_name(risk) for risk in shown]
        axes.set_yticks(range(len(shown)), names, parse_math=False)
        axes.set_xlim(0, 108)
        axes.set_xlabel("risk of 100")
        axes.legend(loc="lower right", frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        target = io.BytesIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": "diptych"})
    return target.getvalue()


def _share(risk: ContractRisk, severity: str) -> float:
    """Return the part of a score that findings of one severity make, by their own risks."""
    total = sum(part.weight * (part.finding.risk or 0.0) for part in risk.parts)
    own = sum(
        part.weight * (part.finding.risk or 0.0)
        for part in risk.parts
        if part.finding.severity == severity
    )
    return risk.score * own / total if total else 0.0


def _name(risk: ContractRisk) -> str:
    name = risk.contract or risk.path.rpartition("/")[2]
    plain = "".join(each if each.isprintable() else " " for each in name)
    return plain if len(plain) <= _MAX_NAME else f"{plain[: _MAX_NAME - 1]}…"
