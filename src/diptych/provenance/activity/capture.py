"""Everything a run is captured with: entry, code, environment, hardware, seed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.core.errors import JsonValue
from diptych.provenance.activity.code import Code, take_code
from diptych.provenance.activity.entry import Entry, take_entry
from diptych.provenance.activity.environment import Environment, take_environment
from diptych.provenance.activity.hardware import Hardware, take_hardware
from diptych.provenance.activity.redact import Redactor
from diptych_verify.jsonio import ObjectReader


@dataclass(frozen=True)
class Capture:
    """The circumstances of a run."""

    entry: Entry
    code: Code
    environment: Environment
    hardware: Hardware

    def started_by(self, entry: Entry) -> "Capture":
        """Return this capture with another entry."""
        return replace(self, entry=entry)

    def loaded(self, project: Path) -> "Capture":
        """Return this capture with the source files that are loaded by now."""
        return replace(self, code=self.code.loaded(project))

    def to_json(self) -> dict[str, JsonValue]:
        """Return its part of the run document."""
        return {
            "entry": self.entry.to_json(),
            "code": self.code.to_json(),
            "environment": self.environment.to_json(),
            "hardware": self.hardware.to_json(),
        }

    @classmethod
    def parse(cls, reader: ObjectReader) -> "Capture":
        """Read its part of a run document.

        Raises:
            MalformedError: a field is missing or wrong.
        """
        made = cls(
            Entry.parse(reader.object("entry")),
            Code.parse(reader.object("code")),
            Environment.parse(reader.object("environment")),
            Hardware.parse(reader.object("hardware")),
        )
        reader.done()
        return made


def take_capture(
    project: Path, redactor: Redactor, *, environ: Mapping[str, str] | None = None
) -> Capture:
    """Capture this process: about 20 ms of CPU, most of it git's, if there is a repository.

    Args:
        project: folder that paths are relative to.
        redactor: masks secrets among the arguments.
        environ: environment, by default this process's.
    """
    return Capture(
        take_entry(project, redactor),
        take_code(project),
        take_environment(environ=os.environ if environ is None else environ),
        take_hardware(),
    )
