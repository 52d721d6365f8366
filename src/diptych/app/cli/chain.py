"""`diptych chain`: run the embedded chain, choose and examine others."""

import click

from diptych.app.cli.frame import Output, framed, is_interactive
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table
from diptych.core.errors import UsageError
from diptych_verify.wording import counted


class NeedsYes(UsageError):
    """Something would be deleted, and nobody is there to confirm it."""

    code = "Chain.NeedsYes"


@click.group()
def chain() -> None:
    """Run and choose the chain."""


@chain.command()
@framed
def up() -> Output:
    """Start the embedded chain; other commands start it on demand."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.chain import chain_up

    state = chain_up(open_workspace())
    return Output(
        state.to_json(),
        f"chain {state.chain_id} at {state.url}, block {state.head['number']}",
        notes=state.warnings,
    )


@chain.command()
@framed
def down() -> Output:
    """Stop the embedded chain cleanly."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.chain import chain_down

    stopped = chain_down(open_workspace())
    return Output({"stopped": stopped}, "stopped" if stopped else "it was not running")


@chain.command()
@framed
def status() -> Output:
    """Show the embedded chain without starting it."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.chain import chain_state

    state = chain_state(open_workspace())
    where = f"at {state.url}" if state.running else "down"
    head = f"block {state.head['number']} {state.head['hash']}".rstrip()
    return Output(
        state.to_json(),
        f"chain {state.chain_id} {where}, {head}, {counted(state.waiting, 'transaction')} waiting, "
        f"{state.store_bytes:,} B",
        notes=state.warnings,
    )


@chain.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@framed
def reset(yes: bool) -> Output:
    """Delete the embedded chain with all its blocks and make a new one."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.chain import chain_reset

    if not yes and not is_interactive():
        raise NeedsYes("nobody is there to confirm that all blocks are deleted", hint="--yes")
    if not yes:
        click.confirm("delete all blocks of the embedded chain?", abort=True, err=True)
    chain_id = chain_reset(open_workspace())
    return Output({"chain_id": chain_id}, f"new embedded chain {chain_id}")


@chain.command()
@click.argument("name", type=REFERENCE)
@click.argument("url", type=REFERENCE)
@framed
def add(name: str, url: str) -> Output:
    """Make a profile NAME for the chain at URL.

    The URL may hold ${VARIABLE}, which is filled in from the environment at use. Choose the
    profile by DIPTYCH_CHAIN__PROFILE or in diptych.toml.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.chain import add_profile

    profile = add_profile(open_workspace(), name, url)
    return Output(
        {"name": profile.name, "url": profile.shown_url, "chain_id": profile.chain_id},
        f"profile {profile.name}: chain {profile.chain_id} at {profile.shown_url}",
    )


@chain.command("list")
@framed
def list_() -> Output:
    """List the chain profiles; the current one is marked."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.ledger import profile_book

    book = open_workspace()
    current = book.settings.chain.profile
    profiles = profile_book(book).profiles()
    rows = [
        ("*" if p.name == current else "", p.name, str(p.chain_id or "own"), p.shown_url)
        for p in profiles
    ]
    return Output(
        {
            "current": current,
            "profiles": [
                {"name": p.name, "chain_id": p.chain_id, "url": p.shown_url} for p in profiles
            ],
        },
        table(rows, header=("", "profile", "chain id", "url")),
    )


@chain.command()
@click.argument("name", type=REFERENCE)
@framed
def remove(name: str) -> Output:
    """Forget the profile NAME."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.ledger import profile_book

    profile_book(open_workspace()).remove(name)
    return Output({"removed": name}, f"removed profile {name}")


@chain.command()
@framed
def doctor() -> Output:
    """Examine the current chain before anything is sent; sends nothing.

    Checks chain id, sync, hard-fork support, proofs, fees, funding and the price of each operation.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.chain import doctor as examine

    checks = examine(open_workspace())
    failed = any(check.outcome == "failed" for check in checks)
    hints = tuple(f"{check.name}: {check.hint}" for check in checks if check.hint)
    return Output(
        {
            "ok": not failed,
            "checks": [
                {"name": c.name, "outcome": str(c.outcome), "detail": c.detail, "hint": c.hint}
                for c in checks
            ],
        },
        table(
            [(c.name, str(c.outcome), c.detail) for c in checks],
            header=("check", "outcome", "detail"),
        ),
        exit_code=1 if failed else 0,
        notes=hints,
    )
