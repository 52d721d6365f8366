"""Which model version a reference names, by the signed records and not by labels alone."""

import copy
import re

from diptych.app.verbs.names import DATA, AssetReference
from diptych.app.workspace import Workspace
from diptych.models.errors import NoSuchModel, NotOurs
from diptych.models.registry.registry import Registry, Resolved
from diptych.provenance.log import LogReader

_INDEX = re.compile(r"#?([0-9]{1,18})")


def registry_of(workspace: Workspace, log: LogReader) -> Registry:
    """Return a view of the registry of a log, caught up with its signed head.

    Raises:
        HistoryEdited: the entries do not give the signed root.
        BadSignature: a head or key record is not signed as it says.
    """
    registry = workspace.models.registry
    registry.catch_up(log, progress=workspace.progress)
    return copy.copy(registry)  # catching up on another log must not move this view


def resolve(log: LogReader, registry: Registry, what: str) -> Resolved:
    """Resolve NAME, NAME@3, NAME:alias, an index or a record id.

    Raises:
        NoSuchModel: nothing of that name is in the log.
        NotOurs: it is not a model.
        LabelMoved: labels contradict the signed records.
    """
    found = _by_name(registry, what) or _by_place(log, registry, what)
    registry.require_labels(log, found)
    return found


def _by_name(registry: Registry, what: str) -> Resolved | None:
    reference = AssetReference.parse(what)
    if reference is None:
        return None
    if reference.space == DATA:
        raise NotOurs(f"'{what}' names data, expected a model", hint="diptych model list")
    if reference.alias:
        return registry.alias(reference.name, reference.alias)
    if reference.version:
        return registry.version(reference.name, reference.version)
    return registry.newest(reference.name)


def _by_place(log: LogReader, registry: Registry, what: str) -> Resolved:
    match = _INDEX.fullmatch(what)
    if match and int(match[1]) < log.size:
        from diptych_verify.merkle import leaf_hash

        what = leaf_hash(log.entry(int(match[1]))).hex()
    found = registry.model_record(what)
    if found is None:
        raise NoSuchModel(
            f"got '{what[:200]}', expected a model: NAME, NAME@3, NAME:alias, index or record id",
            hint="diptych model list",
        )
    return found
