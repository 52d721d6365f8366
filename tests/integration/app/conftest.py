"""The program as the unit tests run it."""

from tests.unit.app.conftest import book, made_workspace, program, stretched_once

__all__ = ["book", "made_workspace", "program", "stretched_once"]
