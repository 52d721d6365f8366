"""`diptych completion`: the script that makes the shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from diptych.app.cli.frame import Output, framed


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@framed
def completion(shell: str) -> Output:
    """Print the shell completion script.

    Add it to your shell with: eval "$(diptych completion bash)"
    """
    from diptych.app.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(cli, {}, "diptych", "_DIPTYCH_COMPLETE").source()
    return Output({"shell": shell, "script": script}, script)
