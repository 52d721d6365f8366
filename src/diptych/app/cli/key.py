"""`diptych key`: list, add, rotate, revoke, identify, unlock, lock, passphrase."""

import click

from diptych.app.cli.frame import Output, framed, is_interactive
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.identity import binding_message, disown, identify
from diptych.app.cli.printing import table
from diptych_verify.wording import counted

_ALGORITHM = click.Choice(["ed25519", "secp256k1"])


@click.group()
def key() -> None:
    """Add, rotate, revoke and unlock keys."""


for _command in (identify, disown, binding_message):
    key.add_command(_command)


@key.command("list")
@framed
def list_() -> Output:
    """List the keys stored here and the statement keys that the log knows."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import list_keys

    keys = list_keys(open_workspace())
    named = any(k.name for k in keys)
    rows = []
    for k in keys:
        file = "unlocked" if k.unlocked else "locked" if k.stored else "away"
        rows.append((k.purpose, k.state or "-", file, k.keyid, *([k.name] if named else [])))
    header = ("purpose", "state", "file", "key id", *(["says it is"] if named else []))
    return Output({"keys": [k.to_json() for k in keys]}, table(rows, header=header))


@key.command()
@click.argument("keyid", required=False, type=REFERENCE)
@click.option("--algorithm", type=_ALGORITHM, default="ed25519", help="Of a new key.")
@framed
def add(keyid: str | None, algorithm: str) -> Output:
    """Record one more statement key: KEYID of somebody else, or a new one stored here."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import add_key

    added, index = add_key(open_workspace(), keyid=keyid, algorithm=algorithm)
    return Output({"keyid": added, "index": index}, f"record {index} adds {added}")


@key.command()
@click.option("--algorithm", type=_ALGORITHM, default="ed25519", help="Of the new key.")
@framed
def rotate(algorithm: str) -> Output:
    """Replace the current statement key by a new one."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import rotate_key

    new, index = rotate_key(open_workspace(), algorithm=algorithm)
    return Output({"keyid": new, "index": index}, f"record {index} replaces the key by {new}")


@key.command()
@click.argument("keyid", type=REFERENCE)
@framed
def revoke(keyid: str) -> Output:
    """End the key KEYID: nothing that it signs from now on counts."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import revoke_key

    index = revoke_key(open_workspace(), keyid)
    return Output({"keyid": keyid, "index": index}, f"record {index} revokes {keyid}")


@key.command()
@click.option(
    "--for", "ttl_s", type=click.FloatRange(min=1), help="Seconds; default from settings."
)
@framed
def unlock(ttl_s: float | None) -> Output:
    """Unlock all keys once; an agent in the background holds them for a while."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import unlock_keys

    book = open_workspace()
    seconds = ttl_s or float(book.settings.keys.agent_ttl_s)
    keys = unlock_keys(book, ttl_s=seconds)
    return Output(
        {"keys": list(keys), "seconds": seconds},
        f"{counted(len(keys), 'key')} unlocked for {seconds:,.0f} s",
    )


@key.command()
@framed
def lock() -> Output:
    """Make the agent forget all keys and end."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import lock_keys

    was_running = lock_keys(open_workspace())
    return Output(
        {"was_unlocked": was_running}, "locked" if was_running else "no agent was running"
    )


@key.command()
@framed
def passphrase() -> Output:
    """Change the passphrase of all key files stored here."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import change_all
    from diptych.core.secret import Secret
    from diptych.provenance.keys.errors import KeyLocked

    if not is_interactive():
        raise KeyLocked("a new passphrase can be typed at a terminal only")
    old = Secret(click.prompt("old passphrase", hide_input=True, err=True))
    new = Secret(
        click.prompt("new passphrase", hide_input=True, confirmation_prompt=True, err=True)
    )
    count = change_all(open_workspace(), old, new)
    return Output(
        {"changed": count}, f"{counted(count, 'key file')} locked with the new passphrase"
    )
