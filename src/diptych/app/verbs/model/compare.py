"""`model compare`: what two models have in common, or which registered model a new one is from."""

from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.model.load import read_files
from diptych.app.verbs.model.resolve import registry_of, resolve
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, JsonValue
from diptych.models.errors import NoSuchModel
from diptych.models.registry.registry import Registry, Resolved
from diptych.models.runtime.reading import Tensors, read_tensors
from diptych.models.tensors.overlap import Comparison, compare_trees, compare_values
from diptych.models.tensors.tree import TensorTree, parse_tree, tree_of
from diptych.provenance.log import LogReader
from diptych.provenance.objects import object_bytes


@dataclass(frozen=True)
class Overlap:
    """What a model has in common with one other version."""

    name: str
    version: int
    record: str
    comparison: Comparison

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "name": self.name,
            "version": self.version,
            "record": self.record,
            **self.comparison.to_json(),
        }


def compare(workspace: Workspace, what: str, other: str | None = None) -> list[Overlap]:
    """Compare a model with another, or find out which registered ones it has tensors from.

    Args:
        workspace: where the log stands.
        what: reference to a version, or a path to files that are not registered.
        other: reference to a version; by default every other version, most in common first.

    Raises:
        NoSuchModel: a reference names nothing.
        ObjectMissing: a tensor list is not kept here.
    """
    with workspace.read_log() as log:
        registry = registry_of(workspace, log)
        found, newer = _newer(workspace, log, registry, what)
        own = None if found is None else found.logged.record
        if other is not None:
            others = [resolve(log, registry, other)]
        else:
            others = [one for one in registry.resolved() if one.logged.record != own]
        results = [_overlap(workspace, newer, one, deep=other is not None) for one in others]
    ranked = sorted(results, key=lambda one: (-one.comparison.share, one.name, one.version))
    return ranked if other is not None else [one for one in ranked if one.comparison.share > 0]


def _newer(
    workspace: Workspace, log: LogReader, registry: Registry, what: str
) -> tuple[Resolved | None, Tensors | Resolved]:
    try:
        found = resolve(log, registry, what)
    except NoSuchModel:
        path = workspace.start / what
        if not path.exists():
            raise
        return None, read_tensors(_plain_files(path))
    return found, found


def _plain_files(path: Path) -> dict[str, bytes]:
    """Read files that nobody has published; they are only looked into."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    files = sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in files}


def _overlap(
    workspace: Workspace, newer: Tensors | Resolved, older: Resolved, *, deep: bool
) -> Overlap:
    comparison = compare_trees(_tree(workspace, newer), _tree(workspace, older))
    if deep and not comparison.share:
        try:
            pair = (_values(workspace, newer), _values(workspace, older))
        except DiptychError:  # the lists are compared; the content of one is not kept here
            pair = None
        if pair is not None:
            comparison = compare_values(*pair, comparison)
    return Overlap(older.claim.name, older.claim.version, older.logged.record, comparison)


def _tree(workspace: Workspace, one: Tensors | Resolved) -> TensorTree:
    if not isinstance(one, Resolved):
        return tree_of(one)
    return tensor_list(workspace, one)


def tensor_list(workspace: Workspace, found: Resolved) -> TensorTree:
    """Return the tensor list of a version, compared with its record.

    Raises:
        ObjectMissing: it is not kept here.
        MalformedError: it is not the list that the record names.
    """
    claim = found.claim.tensors
    if claim is None:
        return TensorTree(())
    tree = parse_tree(object_bytes(workspace.objects, claim.object_digest.hex()))
    if tree.root != claim.root or len(tree.leaves) != claim.count:
        from diptych.core.errors import MalformedError

        raise MalformedError("the tensor list is not the one that the record names")
    return tree


def _values(workspace: Workspace, one: Tensors | Resolved) -> Tensors:
    if not isinstance(one, Resolved):
        return one
    return read_tensors(read_files(workspace, one, None).content)
