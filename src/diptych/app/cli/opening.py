"""Opening the workspace for a command: where it stands, and how to ask for the passphrase."""

import click

from diptych.app.cli.bar import bar
from diptych.app.cli.frame import frame, is_interactive
from diptych.app.place import HOME, Place
from diptych.app.workspace import Workspace
from diptych.core.progress import ProgressFactory, silent
from diptych.core.secret import Secret
from diptych.core.settings import load_settings
from diptych.provenance.keys.store import Prompt


def open_workspace() -> Workspace:
    """Open the workspace at or above the folder of the running command."""
    return Workspace.open(frame().folder, progress=shown_progress(), prompt=prompt(new=False))


def shown_progress() -> ProgressFactory:
    """Return a bar on stderr, or nothing where no person looks on."""
    return silent if frame().as_json or not is_interactive() else bar


def new_workspace() -> Workspace:
    """Return a workspace that is still to be created in the folder of the running command."""
    settings, _ = load_settings()
    return Workspace(Place(frame().folder.resolve() / HOME), settings, prompt=prompt(new=True))


def prompt(*, new: bool) -> Prompt | None:
    """Return a question to the person at the terminal, None if nobody is there.

    Args:
        new: ask twice, because a typing error would lock the keys for ever.
    """
    if not is_interactive():
        return None
    answers: list[Secret] = []

    def ask(reason: str) -> Secret:
        if not answers:
            text = "passphrase for the new keys" if new else reason
            typed = click.prompt(text, hide_input=True, confirmation_prompt=new, err=True)
            answers.append(Secret(typed))
        return answers[0]

    return ask
