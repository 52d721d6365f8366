"""`python -m diptych` is the `diptych` program."""

from diptych.app.cli import main

if __name__ == "__main__":
    main()
