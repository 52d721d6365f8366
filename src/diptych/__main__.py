"""`python -m diptych` is the `diptych` program."""

from diptych.app.cli import main

main()
