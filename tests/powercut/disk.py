"""A disk that forgets: what was written but not synced may be lost, torn or reordered.

The program under test works on real files below `root`. Every write, truncation, creation,
rename, deletion and sync is recorded as well. A power cut at any recorded moment then gives one of
the states that a disk could be in:

- a file's content: each 512-byte sector holds its last synced version or any version written
  since; the length is the last synced one or any since; a sector that was never written but lies
  inside the length reads as zeros or as garbage;
- a folder's names: each creation, rename and deletion since the folder's last sync happened or not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

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

    synced: dict[str, Inode] = field(default_factory=dict)
    pending: list[dict[str, Inode | None]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _rename(self.synced, change)
        self.pending.clear()

    def after_cut(self, random: Random) -> dict[str, Inode]:
        names = dict(self.synced)
        share = random.choice((0.0, 0.5, 1.0))
        for change in self.pending:
            if random.random() < share:
                _rename(names, change)
        return names


def _rename(names: dict[str, Inode], change: dict[str, Inode | None]) -> None:
    for name, inode in change.items():
        if inode is None:
            names.pop(name, None)
        else:
            names[name] = inode


class DiskState:
    """Replays recorded events up to a moment."""

    def __init__(self, image: dict[str, bytes]) -> None:
        self._folders: dict[str, _Folder] = {}
        self._live: dict[str, Inode] = {}
        for name, content in image.items():
            inode = Inode(bytearray(content))
            self._live[name] = inode
            self._folder(name).synced[name] = inode

    def _folder(self, name: str) -> _Folder:
        return self._folders.setdefault(str(Path(name).parent), _Folder())

    def create(self, name: str) -> None:
        """A new, empty file."""
        self._live[name] = Inode()
        self._folder(name).pending.append({name: self._live[name]})

    def delete(self, name: str) -> None:
        """A file's name goes."""
        self._live.pop(name, None)
        self._folder(name).pending.append({name: None})

    def rename(self, source: str, target: str) -> None:
        """A file replaces another (both in one folder)."""
        inode = self._live[target] = self._live.pop(source)
        self._folder(target).pending.append({source: None, target: inode})

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
        """fsync of a folder."""
        self._folders.setdefault(folder, _Folder()).sync()

    def after_cut(self, random: Random) -> dict[str, bytes]:
        """Return the files that the disk may hold now."""
        found: dict[str, bytes] = {}
        for folder in self._folders.values():
            for name, inode in folder.after_cut(random).items():
                found[name] = inode.after_cut(random)
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
