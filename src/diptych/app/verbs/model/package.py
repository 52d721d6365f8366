"""`model export`: a model with card and proof in one folder or zip, for somebody else to verify."""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from diptych.app.verbs.bundle import bundle_of, bundle_with_tensor
from diptych.app.verbs.licensee import own_key
from diptych.app.verbs.metering import Metered, record_download
from diptych.app.verbs.model.compare import tensor_list
from diptych.app.verbs.model.licensed import as_record, permission_of
from diptych.app.verbs.model.load import Loading, check, read_card, read_files
from diptych.app.workspace import Workspace
from diptych.core.errors import UsageError
from diptych.core.files import make_folder, write_durably
from diptych.models.card.markdown import render_card
from diptych.models.card.schema import dump_card
from diptych.models.package import BUNDLE, CARD, CARD_TEXT, FILES, TENSORS
from diptych.models.registry.registry import Resolved
from diptych.models.runtime.loaded import LoadEvidence
from diptych.models.runtime.reading import read_tensors
from diptych.models.tensors.tree import array_bytes, dump_tree
from diptych.provenance.log import Log

VALUES = "values.bin"
_EPOCH = (1980, 1, 1, 0, 0, 0)


class TargetExists(UsageError):
    """An export was to be written where something stands already."""

    code = "Model.TargetExists"


@dataclass(frozen=True)
class Handing:
    """To whom something is exported, and how that is recorded.

    Attributes:
        licensee: key id or name of who gets it, by default this workspace; a name stays private.
        record: whether it is recorded; None asks the setting `usage.record`.
    """

    licensee: str = ""
    record: bool | None = None


def export_model(workspace: Workspace, what: str, target: Path, how: Handing | None = None) -> Path:
    """Write a checked model with card, tensor list and bundle; a name ending in .zip makes a zip.

    Args:
        workspace: where the log stands.
        what: reference to a version.
        target: folder or zip file, which must not exist.
        how: to whom; it is recorded as a use.

    Raises:
        TargetExists: `target` exists.
        VerificationError: the model does not pass the checks of `models.load`.
        UsageNotRecorded: the licence makes a record a duty, and it cannot be written.
    """
    with workspace.read_log() as log:
        found, evidence = check(workspace, log, what, Loading(action="distribute"))
        parts = dict(_parts(workspace, log, found))
        record = _recorder(workspace, log, (found, evidence), how)
    return _hand_out(workspace, target, parts, record)


def _parts(workspace: Workspace, log: Log, found: Resolved) -> Iterator[tuple[str, bytes]]:
    card = read_card(workspace, found)
    yield BUNDLE, bundle_of(workspace, log, as_record(found), manifest=True)
    yield CARD, dump_card(card)
    yield CARD_TEXT, render_card(card).encode()
    if found.claim.tensors is not None:
        yield TENSORS, dump_tree(tensor_list(workspace, found))
    for path, raw in read_files(workspace, found, None).content.items():
        yield FILES + path, raw


def export_tensor(
    workspace: Workspace, what: str, tensor: str, target: Path, *, how: Handing | None = None
) -> Path:
    """Write one tensor's values and the bundle that proves them, without the rest of the model.

    `diptych verify TARGET/bundle.diptych.json TARGET/values.bin` checks them.

    Raises:
        TargetExists: `target` exists.
        NoSuchTensor: the model has none of that name.
        UsageNotRecorded: the licence makes a record a duty, and it cannot be written.
    """
    with workspace.read_log() as log:
        found, evidence = check(workspace, log, what, Loading(action="distribute"))
        shown = tensor_list(workspace, found).show(tensor)
        bundle = bundle_with_tensor(workspace, log, as_record(found), shown)
        record = _recorder(workspace, log, (found, evidence), how)
    _, array = read_tensors(read_files(workspace, found, None).content)[tensor]
    about = {
        "name": shown.leaf.name,
        "dtype": shown.leaf.dtype,
        "shape": list(shown.leaf.shape),
        "order": "row-major, little-endian",
    }
    parts = {
        BUNDLE: bundle,
        VALUES: array_bytes(array),
        "tensor.json": json.dumps(about, indent=1).encode() + b"\n",
    }
    return _hand_out(workspace, target, parts, record)


def _recorder(
    workspace: Workspace, log: Log, checked: tuple[Resolved, LoadEvidence], how: Handing | None
) -> Callable[[], None]:
    found, evidence = checked
    how = how or Handing()
    who = own_key(workspace, log, found.logged.signers)
    given = Metered(found.logged.record, "distribute", who, how.record)
    return partial(record_download, workspace, given, permission_of(evidence), to=how.licensee)


def _hand_out(
    workspace: Workspace, target: Path, parts: dict[str, bytes], record: Callable[[], None]
) -> Path:
    place = workspace.start / target
    if place.exists():
        raise TargetExists(f"{target} exists already", hint="give another name with -o")
    record()
    return _write(place, parts)


def _write(place: Path, parts: dict[str, bytes]) -> Path:
    if place.suffix == ".zip":
        _write_zip(place, parts)
        return place
    make_folder(place)
    for name, raw in parts.items():
        make_folder((place / name).parent)
        write_durably(place / name, raw)
    return place


def _write_zip(place: Path, parts: dict[str, bytes]) -> None:
    """Write the same bytes for the same parts, uncompressed: weights do not compress."""
    import io

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts, key=str.encode):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr = 0o644 << 16
            archive.writestr(member, parts[name])
    write_durably(place, made.getvalue())
