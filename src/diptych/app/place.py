"""Where a workspace stands: `.diptych/` in a project folder, found upward like `.git`."""

from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import UsageError

HOME = ".diptych"


class NoWorkspace(UsageError):
    """No `.diptych` folder here or in any folder above."""

    code = "Workspace.Missing"


class WorkspaceExists(UsageError):
    """`init` was asked for where a workspace stands already."""

    code = "Workspace.Exists"


@dataclass(frozen=True)
class Place:
    """The files of one workspace; `home` is its `.diptych` folder."""

    home: Path

    @property
    def project(self) -> Path:
        """Folder that holds `.diptych`."""
        return self.home.parent

    @property
    def settings(self) -> Path:
        """The workspace's `diptych.toml`."""
        return self.home / "diptych.toml"

    @property
    def log(self) -> Path:
        """The log's database."""
        return self.home / "log.sqlite"

    @property
    def objects(self) -> Path:
        """Content-addressed objects."""
        return self.home / "objects"

    @property
    def runs(self) -> Path:
        """Journals of running activities, so that a killed one is found."""
        return self.home / "runs"

    @property
    def private(self) -> Path:
        """Keys, salts and profiles: 0700, its files 0600."""
        return self.home / "private"

    @property
    def keys(self) -> Path:
        """Encrypted key files."""
        return self.private / "keys"

    @property
    def anchors(self) -> Path:
        """Evidence of what was anchored."""
        return self.home / "anchors"

    @property
    def timestamps(self) -> Path:
        """RFC 3161 requests and tokens."""
        return self.home / "timestamps"

    @property
    def graph(self) -> Path:
        """Graph of the log's statements: a cache."""
        return self.home / "graph.sqlite"

    @property
    def registry(self) -> Path:
        """Where registry records stand in the log: a cache."""
        return self.home / "registry.index"

    @property
    def licensees(self) -> Path:
        """Names of licensees by pseudonym."""
        return self.private / "licensees.json"

    @property
    def usage(self) -> Path:
        """Calls and downloads by licensees, and their totals."""
        return self.home / "usage.sqlite"

    @property
    def uses(self) -> Path:
        """Uses on their way into the usage store, one file per process."""
        return self.home / "uses"

    @property
    def account(self) -> Path:
        """Keystore of the account that pays for transactions."""
        return self.private / "account.json"

    @property
    def profiles(self) -> Path:
        """Chain profiles; their URLs may hold API keys."""
        return self.private / "chains.json"

    @property
    def chain(self) -> Path:
        """State of the embedded chain."""
        return self.home / "chain"

    @property
    def index(self) -> Path:
        """Indexes of chains, one folder each."""
        return self.home / "index"

    @property
    def outbox(self) -> Path:
        """Transactions and what became of them."""
        return self.home / "outbox.sqlite"


def find_home(start: Path) -> Path | None:
    """Return the nearest `.diptych` folder at or above `start`."""
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / HOME).is_dir():
            return candidate / HOME
    return None


def find_place(start: Path) -> Place:
    """Return the workspace at or above `start`.

    Raises:
        NoWorkspace: there is none.
    """
    home = find_home(start)
    if home is None:
        raise NoWorkspace(f"no workspace at {start} or above", hint="diptych init")
    return Place(home)
