"""`diptych audit gas`: savings that are measured on a node before they are shown."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.audit.stopping import INTERRUPTED, budgeted, stoppable
from diptych.app.cli.bar import bar
from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH, FILE
from diptych.app.cli.printing import table
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.audit.gas import GasDone, GasFile
    from diptych.audit.gas import Measured, Saving

_MAX_REASON = 110


@click.command()
@click.argument("paths", nargs=-1, type=ANY_PATH, required=True)
@click.option("--rewrite", "rewrites", multiple=True, help="Try only this rewrite.")
@click.option("--apply", is_flag=True, help="Write the rewrites; old texts are kept as .bak.")
@click.option("-o", "--output", type=FILE, help="Write all rewrites here as one patch.")
@click.option("--html", type=FILE, help="Write the report of a scan with a gas chart here.")
@budgeted
@framed
def gas(
    *,
    paths: tuple[Path, ...],
    rewrites: tuple[str, ...],
    apply: bool,
    output: Path | None,
    html: Path | None,
    budget_s: float,
) -> Output:
    """Rewrite Solidity files and folders so that they cost less gas.

    A rewrite is shown only if both versions, compiled alike, do the same on a throw-away node in
    all generated calls (success, return data, events, balances, storage by variable) and the gas
    that their receipts state went down. Everything else is dropped, with the reason. Rewrites that
    move storage are for contracts that are deployed anew; behind proxies they are refused.

    When the budget is spent, or after Ctrl-C, what is proven is measured as a whole and kept, and
    what was not tried is named. Exit code 3: no file holds Solidity that compiles.
    """
    from diptych.app.verbs.audit.gas import measure_paths
    from diptych.app.verbs.audit.scan import shown_path
    from diptych.core.files import write_output

    folder = frame().folder
    given = [shown_path(folder, path) for path in paths]
    with stoppable(budget_s) as budget:
        done = measure_paths(given, rewrites, bar, budget)
    data = done.to_json()
    notes = []
    if output is not None:
        write_output(folder / output, done.patch.encode())
        notes.append(f"wrote {output}: {counted(len(done.texts), 'changed file')}")
    if html is not None:
        write_output(folder / html, _page(given, folder, done).encode())
        notes.append(f"wrote {html}")
    if apply:
        backups = done.apply()
        data["backups"] = [str(each) for each in backups]
        notes += [f"kept the old text as {each.name}" for each in backups]
    code = INTERRUPTED if budget.interrupted else 3 * done.unread
    return Output(data, "\n".join(_lines(done)), exit_code=code, notes=tuple(notes))


def _page(paths: list[Path], folder: Path, done: "GasDone") -> str:
    from diptych.app.cli.audit.forms import written_page
    from diptych.app.verbs.audit.scan import Auditing, audit
    from diptych.audit.report.gas_chart import GasBar, gas_chart
    from diptych.core.missing import MissingExtra

    bars = [
        GasBar(f"{contract}.{name}", use.before / use.calls, use.after / use.calls)
        for each in done.files
        if each.total is not None
        for (contract, name), use in each.total.functions.items()
        if use.calls and use.before != use.after
    ]
    charts: list[tuple[str, bytes]] = []
    with suppress(MissingExtra):  # the page says how to get charts
        if bars:
            charts.append(("Gas before and after", gas_chart(bars)))
    return written_page(audit(paths, folder, Auditing()), charts)


def _lines(done: "GasDone") -> Iterator[str]:
    rows = [row for each in done.files for row in _rows(each)]
    header = ("what", "where", "calls", "gas before", "after", "saved")
    if rows:
        yield table(rows, header=header)
    for each in done.files:
        if each.reason:
            yield f"{each.path}: {each.reason}"
    for path, reason in done.partly.items():
        yield f"partial {path}: {reason}"
    savings = [saving for each in done.files for saving in each.savings]
    yield from _dropped(savings)
    notes = {saving.rewrite.id: saving.rewrite.note for each in done.files for saving in each.shown}
    for rewrite, note in sorted(notes.items()):
        if note:
            yield f"note on {rewrite}: {note}"
    moved = sorted({s.rewrite.id for each in done.files for s in each.shown if _moves(s)})
    if moved:
        yield f"for new deployments only, storage moves: {', '.join(moved)}"
    shown = sum(not saving.dropped for saving in savings)
    changed = counted(len(done.texts), "file")
    yield f"{shown} of {counted(len(savings), 'rewrite')} shown in {changed}"


def _dropped(savings: "list[Saving]") -> Iterator[str]:
    """Say what was dropped and why, alike ones together."""
    dropped = Counter(
        (saving.rewrite.id, saving.dropped[:_MAX_REASON]) for saving in savings if saving.dropped
    )
    for (rewrite, reason), count in sorted(dropped.items()):
        yield f"dropped {rewrite} ({count}): {reason}"


def _moves(saving: "Saving") -> bool:
    return saving.rewrite.moves_storage


def _rows(file: "GasFile") -> Iterator[tuple[str, ...]]:
    """Yield a row for each rewrite, then the totals by function, contract and deployment."""
    for saving in file.shown:
        assert saving.gas is not None
        where = ".".join(part for part in (saving.contract, saving.function) if part)
        yield from _both(saving.rewrite.id, f"{where}:{saving.line}", saving.gas.changed)
    if file.total is None:
        return
    total = file.total
    for (contract, name), use in sorted(total.functions.items()):
        if use.calls and name != "constructor":
            values = (use.before / use.calls, use.after / use.calls)
            yield _row("function", f"{contract}.{name}", use.calls, values)
    for contract in sorted({each for each, _ in total.functions}):
        yield from _both("contract", contract, total.of(contract))


def _both(what: str, where: str, gas: "Measured") -> Iterator[tuple[str, ...]]:
    """Yield gas of a call to each function, and of the deployment."""
    if gas.runtime[0] != gas.runtime[1]:
        yield _row(what, f"{where} calls", gas.calls, gas.runtime)
    yield _row(what, f"{where} deployment", gas.deployments, gas.deployment)


def _row(what: str, where: str, calls: int, values: tuple[float, float]) -> tuple[str, ...]:
    before, after = values
    share = f"{before - after:,.0f} ({(before - after) / before:.1%})" if before else "0"
    return what, where, f"{calls:,}", f"{before:,.0f}", f"{after:,.0f}", share
