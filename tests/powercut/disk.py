"""A disk that forgets: what was written but not synced may be lost, torn or reordered.

The program under test works on real files below `root`. Every write, truncation, creation,
rename, deletion and sync is recorded as well. A power cut at any recorded moment then gives one of
the states that a disk could be in:

- a file's content: each 512-byte sector holds its last synced version or any version written
  since; the length is the last synced one or any since; a sector that was never written but lies
  inside the length reads as zeros or as garbage;
- a folder's names: each creation, rename and deletion since the folder's last sync happened or not;
  what lies in a folder whose own name was lost is lost with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

SECTOR_BYTES = 512


@dataclass
class Inode:
    """One file's synced content and what was done to it since."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[Callable[[bytearray], tuple[int, int]]] = field(default_factory=list)

    def sync(self) -> None:
        """Make everything durable."""
        for change in self.pending:
            change(self.synced)
        self.pending.clear()

    def after_cut(self, random: Random) -> bytes:
        """Return a content that the disk may hold now."""
        live = bytearray(self.synced)
        sizes = [len(live)]
        versions: dict[int, list[bytes]] = {}
        for change in self.pending[: self._reach(random)]:
            begin, end = change(live)
            sizes.append(len(live))
            for number in range(begin // SECTOR_BYTES, -(-end // SECTOR_BYTES)):
                versions.setdefault(number, [self._old(number, random)]).append(
                    _sector(live, number)
                )
        result = bytearray(max(len(live), len(self.synced), *sizes))
        result[: len(self.synced)] = self.synced
        for number, candidates in versions.items():
            chosen = random.choice(candidates)
            at = number * SECTOR_BYTES
            result[at : at + len(chosen)] = chosen
        size = random.choice(sizes)
        del result[size:]
        return bytes(result)

    def _reach(self, random: Random) -> int:
        """Return how many of the pending changes may have begun to reach the disk."""
        return random.choice((0, len(self.pending), random.randint(0, len(self.pending))))

    def _old(self, number: int, random: Random) -> bytes:
        synced = _sector(self.synced, number)
        missing = SECTOR_BYTES - len(synced)
        return synced + (random.randbytes(missing) if random.random() < 0.3 else bytes(missing))


def _sector(content: bytearray, number: int) -> bytes:
    return bytes(content[number * SECTOR_BYTES : (number + 1) * SECTOR_BYTES])


@dataclass
class _Folder:
    """Synced names of one folder and the changes since, each applied as a whole."""

    synced: dict[str, "Entry"] = field(default_factory=dict)
    pending: list[dict[str, "Entry | None"]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _rename(self.synced, change)
        self.pending.clear()

    def after_cut(self, random: Random) -> dict[str, "Entry"]:
        names = dict(self.synced)
        share = random.choice((0.0, 0.5, 1.0))
        for change in self.pending:
            if random.random() < share:
                _rename(names, change)
        return names


Entry = Inode | _Folder
_E = TypeVar("_E", Inode, _Folder)


def _rename(names: dict[str, Entry], change: dict[str, Entry | None]) -> None:
    for name, entry in change.items():
        if entry is None:
            names.pop(name, None)
        else:
            names[name] = entry


def _moved(entries: dict[str, _E], source: str, target: str) -> dict[str, _E]:
    """Return the entries under the names that they have after a rename."""
    return {
        target + name.removeprefix(source) if _lies_in(name, source) else name: entry
        for name, entry in entries.items()
        if _lies_in(name, source) or not _lies_in(name, target)
    }


def _lies_in(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}/")


class DiskState:
    """Replays recorded events up to a moment; names are relative, `.` is the top folder."""

    def __init__(self, image: dict[str, bytes]) -> None:
        self._folders = {".": _Folder()}
        self._live: dict[str, Inode] = {}
        for name, content in image.items():
            inode = Inode(bytearray(content))
            self._live[name] = inode
            self._parent(name).synced[Path(name).name] = inode

    def _folder(self, name: str) -> _Folder:
        """Return a folder; one that nobody was seen to make was there from the start."""
        if name not in self._folders:
            self._folders[name] = _Folder()
            self._parent(name).synced[Path(name).name] = self._folders[name]
        return self._folders[name]

    def _parent(self, name: str) -> _Folder:
        return self._folder(str(Path(name).parent))

    def create(self, name: str) -> None:
        """A new, empty file."""
        self._live[name] = Inode()
        self._parent(name).pending.append({Path(name).name: self._live[name]})

    def make_folder(self, name: str) -> None:
        """A new, empty folder."""
        self._folders[name] = _Folder()
        self._parent(name).pending.append({Path(name).name: self._folders[name]})

    def delete(self, name: str) -> None:
        """A file's name goes."""
        self._live.pop(name, None)
        self._parent(name).pending.append({Path(name).name: None})

    def rename(self, source: str, target: str) -> None:
        """A file or folder replaces another: atomic in one folder, two changes between two."""
        entry: Entry = self._folders.get(source) or self._live[source]
        self._live = _moved(self._live, source, target)
        self._folders = _moved(self._folders, source, target)
        old, new = self._parent(source), self._parent(target)
        gone: dict[str, Entry | None] = {Path(source).name: None}
        come: dict[str, Entry | None] = {Path(target).name: entry}
        if old is new:
            new.pending.append({**gone, **come})
        else:
            new.pending.append(come)
            old.pending.append(gone)

    def write(self, name: str, offset: int, payload: bytes) -> None:
        """Bytes at a place."""

        def change(content: bytearray) -> tuple[int, int]:
            if len(content) < offset:
                content.extend(bytes(offset - len(content)))
            content[offset : offset + len(payload)] = payload
            return offset, offset + len(payload)

        self._live[name].pending.append(change)

    def truncate(self, name: str, size: int) -> None:
        """A new length."""

        def change(content: bytearray) -> tuple[int, int]:
            del content[size:]
            content.extend(bytes(size - len(content)))
            return 0, 0

        self._live[name].pending.append(change)

    def sync(self, name: str) -> None:
        """fsync of a file."""
        self._live[name].sync()

    def sync_folder(self, folder: str) -> None:
        """fsync of a folder: the names in it, not its own name."""
        self._folder(folder).sync()

    def sync_all(self) -> None:
        """sync of the whole system."""
        for inode in self._live.values():
            inode.sync()
        for folder in self._folders.values():
            folder.sync()

    def after_cut(self, random: Random) -> dict[str, bytes]:
        """Return the files that the disk may hold now and that can be reached."""
        found: dict[str, bytes] = {}
        contents: dict[int, bytes] = {}  # a file under two names has one content
        reached = [("", self._folders["."])]
        for path, folder in reached:
            for name, one in folder.after_cut(random).items():
                if isinstance(one, _Folder):
                    reached.append((f"{path}{name}/", one))
                else:
                    content = contents.setdefault(id(one), one.after_cut(random))
                    found[path + name] = content
        return found


Event = tuple[Callable[..., None], tuple[object, ...]]


class SimulatedDisk:
    """Records what a program does to the files below `root`, and what it acknowledged when.

    Args:
        root: real folder in which the program works; `image` is written into it.
        image: relative name to content of the files that are on the disk from the start.
    """

    def __init__(self, root: Path, image: dict[str, bytes] | None = None) -> None:
        self.root = root.resolve()
        self._image = dict(image or {})
        self._events: list[Event] = []
        self._acknowledged: list[tuple[int, object]] = []
        write_image(self.root, self._image)

    def name_of(self, path: Path | str) -> str | None:
        """Return the name below the root, None for a path elsewhere."""
        absolute = Path(path).absolute()
        return str(absolute.relative_to(self.root)) if absolute.is_relative_to(self.root) else None

    def record(self, action: Callable[..., None], *arguments: object) -> None:
        """Remember one event; `action` is a method of `DiskState`."""
        self._events.append((action, arguments))

    def acknowledge(self, promise: object) -> None:
        """Remember that the program promised something at this moment."""
        self._acknowledged.append((len(self._events), promise))

    @property
    def moments(self) -> int:
        """Number of moments at which the power can go."""
        return len(self._events) + 1

    def cut(self, moment: int, random: Random) -> tuple[dict[str, bytes], list[object]]:
        """Return what the disk holds after a cut, and what was promised before it.

        Args:
            moment: 0 (nothing happened) to `moments - 1` (everything was issued).
            random: chooses among the states the disk may be in.
        """
        state = DiskState(self._image)
        for action, arguments in self._events[:moment]:
            action(state, *arguments)
        promised = [promise for at, promise in self._acknowledged if at <= moment]
        return state.after_cut(random), promised


def write_image(folder: Path, image: dict[str, bytes]) -> None:
    """Write files into a folder."""
    for name, content in image.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
