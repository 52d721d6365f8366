"""Targets of the application: settings and backups."""

import shutil
from pathlib import Path

from tests.golden.world import log_signer, seed
from tests.property.fuzz.engine import Target

from diptych.app.place import HOME, Place
from diptych.app.verbs.backup import backup, restore
from diptych.app.workspace import Workspace
from diptych.core.settings import load_settings
from diptych.provenance.keys.records import begin_log
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.log import Log

_TOML = b"""# Settings of this workspace.
[seal]
digest = "sha256+blake3"
workers = 4
ignore_file = ".ignore"

[log]
lease_s = 5.0
wait_s = 1

[chain]
profile = "main"
timeout_s = 2.5
"""


def app_targets(folder: Path) -> list[Target]:
    """Return the targets of the application; `folder` is scratch space."""
    return [_settings(folder / "settings"), _backups(folder / "backups")]


def _settings(folder: Path) -> Target:
    folder.mkdir(parents=True)
    path = folder / "diptych.toml"

    def read(raw: bytes) -> object:
        path.write_bytes(raw)
        return load_settings(path, environ={})[1]

    return Target("settings", read, [_TOML, b"", b"# nothing\n"], "text", 30, 64 << 10)


def _backups(folder: Path) -> Target:
    """Return the reader of backups: unpacks, checks the log, and puts everything in place."""
    folder.mkdir(parents=True)
    settings, _ = load_settings(None, environ={})
    source = Place(folder / "source" / HOME)
    source.home.mkdir(parents=True)
    source.settings.write_bytes(_TOML)
    source.private.mkdir(mode=0o700)
    (source.private / "chains.json").write_text("{}")
    (source.objects / "ab").mkdir(parents=True)
    (source.objects / "ab" / ("cd" * 31)).write_bytes(b"an object")
    with Log.create(source.log, log_signer("backup ")) as log, log.writer() as writer:
        begin_log(writer, Ed25519Signer(seed("alice")), time_s=0.0)
    archive = folder / "backup.tar"
    backup(Workspace(source, settings), archive)
    target = Workspace(Place(folder / "target" / HOME), settings)
    target.place.project.mkdir()
    fuzzed = folder / "fuzzed.tar"

    def read(raw: bytes) -> object:
        fuzzed.write_bytes(raw)
        try:
            return restore(target, fuzzed).size
        finally:
            shutil.rmtree(target.place.home, ignore_errors=True)
            strangers = sorted(path.name for path in folder.iterdir())
            left = list(target.place.project.iterdir())
            if strangers != ["backup.tar", "fuzzed.tar", "source", "target"] or left:
                raise AssertionError(f"restoring left {strangers} and {left}")

    return Target("restore", read, [archive.read_bytes()], "tar", 6)
