"""Everything about a model that can be known before it gets its version: files, tensors, ports."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.inheritance import require_publishable
from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.model.license import terms_record
from diptych.app.verbs.names import require_name
from diptych.app.verbs.records import NoSuchRecord, find_record
from diptych.app.verbs.requirements import require_stage
from diptych.app.verbs.seal import NothingToSeal, build_options
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, MalformedError
from diptych.models.card.parts import Contributor, share_total
from diptych.models.card.schema import FORMAT, MAX_CARD_BYTES
from diptych.models.errors import BadCard, BadContributors, NotOurs
from diptych.models.folder import read_folder
from diptych.models.formats.detect import SKOPS, detect
from diptych.models.registry.drafts import contributor_edges
from diptych.models.runtime.reading import make_runner, read_tree
from diptych.models.tensors.tree import TensorTree, dump_tree
from diptych.provenance.licence import preset
from diptych.provenance.licence.presets import PRESETS
from diptych.provenance.log import Log
from diptych.provenance.manifest import BuiltManifest, build_manifest, copy_payload
from diptych.provenance.manifest.payload import require_sha256
from diptych.provenance.objects import object_bytes, object_stream
from diptych.provenance.statement import Edge
from diptych_verify.jsonio import ObjectReader, strict_json
from diptych_verify.licence import Licence
from diptych_verify.manifest import read_manifest
from diptych_verify.statement import ManifestClaim

Stated = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Publishing:
    """What to publish and what is said about it.

    Attributes:
        name: of the model.
        card: members of the card, or a file that holds them as JSON; see `models.card`.
        trained_on: references to data.
        tested_on: references to data.
        fine_tuned_from: references to models.
        licence: a built-in licence (SPDX id) or a reference to a licence record.
        contributors: with roles and shares, which add up to at most 1.
        store: keep the content as objects, from which it is loaded.
        trust: class names that a skops file may hold besides those that skops trusts.
    """

    name: str
    card: Stated | Path | None = None
    trained_on: Sequence[str] = ()
    tested_on: Sequence[str] = ()
    fine_tuned_from: Sequence[str] = ()
    licence: str | None = None
    contributors: Sequence[Contributor | Mapping[str, str]] = ()
    store: bool = True
    trust: Sequence[str] = ()


@dataclass(frozen=True)
class PreparedModel:
    """A model that is hashed, looked into and resolved, but has no version yet.

    Attributes:
        name: of the model.
        built: its manifest.
        tree: its tensors; None if it has none.
        stated: what its author said in the card.
        facts: members of the card that follow from files and references.
        edges: to data, base models, licence and contributors.
    """

    name: str
    built: BuiltManifest
    tree: TensorTree | None
    stated: Stated
    facts: Stated
    edges: tuple[Edge, ...]


def prepare_model(workspace: Workspace, path: Path, asked: Publishing) -> PreparedModel:
    """Hash a model, look into it, run nothing but its loading, and resolve what it refers to.

    Raises:
        NothingToSeal: no such path.
        BadAssetName: the name is not one.
        UnsafeFormat: a file can run code when it is read.
        UnsupportedFormat: no model, or several.
        UntrustedTypes: a skops file holds classes that are not trusted.
        BadModelFile: a file does not follow its format.
        BadCard: the card is malformed.
        BadContributors: shares add up to more than 1.
        NoSuchRecord: a reference names nothing.
        LicenceConflict: a licence of what it comes from does not allow this one, or none.
        RequirementUnmet: the requirements ask for a quality report that is not there.
    """
    require_name(asked.name)
    place = workspace.start / path
    if not place.exists():
        raise NothingToSeal(f"there is no file or folder {path}")
    stated = stated_card(workspace, asked.card)
    people = read_contributors(asked.contributors)
    with workspace.write_log() as log:
        edges, said = _references(workspace, log, asked)
    trained = [one.record for one in edges if one.rel == "trainedOn"]
    for stage in ("train", "publish"):  # Of training outside a run nobody hears before this.
        require_stage(workspace, stage, trained)
    built, facts, tree = _look_into(workspace, place, asked)
    facts |= {"contributors": [one.to_json() for one in people], **said}
    described, stated = _described(stated, facts)
    return PreparedModel(
        asked.name,
        built,
        tree,
        stated,
        {**facts, **described},
        (*edges, *contributor_edges(people)),
    )


def _look_into(
    workspace: Workspace, place: Path, asked: Publishing
) -> tuple[BuiltManifest, dict[str, JsonValue], TensorTree | None]:
    """Hash and read a model's files; return manifest, members of the card, and tensors."""
    built = build_manifest(place, workspace.objects, build_options(workspace, store=asked.store))
    manifest = object_bytes(workspace.objects, built.object_name)
    content = read_folder(place, manifest, claim_of(built)).content
    found = detect(content)
    runner = make_runner(content, trusted=asked.trust)
    tree = read_tree(content, found)
    if asked.store:
        _store(workspace, place, built)
    if tree.leaves:
        workspace.objects.put([dump_tree(tree)])
    facts: dict[str, JsonValue] = {
        "name": asked.name,
        "format": found.format,
        "files": list(found.files),
        "manifest": built.summary.root.hex(),
        "tensors": tree.root.hex() if tree.leaves else "",
        "parameters": tree.parameters(),
        "inputs": [one.to_json() for one in runner.inputs] if runner else [],
        "outputs": [one.to_json() for one in runner.outputs] if runner else [],
        "trusted_types": list(asked.trust) if found.format == SKOPS else [],
    }
    return built, facts, tree if tree.leaves else None


def stated_card(workspace: Workspace, card: Stated | Path | None) -> Stated:
    """Return the members of a card that its author states.

    Raises:
        BadCard: it is not a JSON object, or cannot be read.
    """
    if card is None:
        return {}
    if not isinstance(card, Path):
        return {key: value for key, value in card.items() if key != "card"}
    try:
        raw = (workspace.start / card).read_bytes()
        value = strict_json(raw, max_bytes=MAX_CARD_BYTES, max_depth=6)
        members = ObjectReader(value, "card").members
    except (OSError, MalformedError) as error:
        raise BadCard(f"cannot read the card {card}: {error}") from None
    if members.get("card", FORMAT) != FORMAT:
        raise BadCard(f"got card {json.dumps(members['card'])[:80]}, expected {FORMAT}")
    return {key: value for key, value in members.items() if key != "card"}


def read_contributors(
    given: Sequence[Contributor | Mapping[str, str]],
) -> tuple[Contributor, ...]:
    """Return contributors with checked shares.

    Raises:
        BadContributors: one is malformed, or the shares add up to more than 1.
    """
    try:
        people = tuple(
            Contributor.read(
                ObjectReader(
                    one.to_json() if isinstance(one, Contributor) else dict(one), "contributor"
                )
            )
            for one in given
        )
    except MalformedError as error:
        raise BadContributors(error.message, hint="--contributor 'Ada:trainer:0.5'") from None
    if share_total(people) > 1:
        raise BadContributors(
            f"the shares add up to {share_total(people)}, expected at most 1",
            hint="--contributor 'Ada:trainer:0.5'",
        )
    return people


def claim_of(built: BuiltManifest) -> ManifestClaim:
    """Return what a record would say of a manifest."""
    summary = built.summary
    return ManifestClaim(
        summary.algorithms, summary.root, summary.files, summary.total_bytes, summary.object_digest
    )


def _described(stated: Stated, facts: Stated) -> tuple[Stated, Stated]:
    """Let an author describe inputs and outputs; names, types and shapes stay those of the file."""
    found: dict[str, JsonValue] = {}
    rest = dict(stated)
    for key in ("inputs", "outputs"):
        texts = stated.get(key)
        ports = facts[key]
        if not isinstance(texts, Mapping) or not isinstance(ports, list):
            continue
        rest.pop(key)
        known = [port["name"] for port in ports if isinstance(port, dict)]
        if set(texts) - set(known):
            raise BadCard(f"the card describes {key} {sorted(texts)}, the model has {known}")
        found[key] = [
            {**port, "description": texts[str(port["name"])]}
            if isinstance(port, dict) and port["name"] in texts
            else port
            for port in ports
        ]
    return found, rest


def _references(
    workspace: Workspace, log: Log, asked: Publishing
) -> tuple[list[Edge], dict[str, JsonValue]]:
    edges: list[Edge] = []
    data: list[JsonValue] = []
    for role, relation, references in (
        ("train", "trainedOn", asked.trained_on),
        ("test", "testedOn", asked.tested_on),
        ("base", "fineTunedFrom", asked.fine_tuned_from),
    ):
        for what in references:
            record = find_record(workspace, log, what)
            edges.append(Edge(relation, record.record))
            data.append({"name": record.name, "role": role, "record": record.record})
    said: dict[str, JsonValue] = {"data": data} if data else {}
    if asked.licence is None:
        require_publishable(workspace, log, None, edges)
        return edges, said
    terms_id, licence = _licence(workspace, log, asked.licence)
    require_publishable(workspace, log, licence, edges)
    edges.append(Edge("licensedUnder", terms_id))
    return edges, {**said, "licence_record": terms_id, "licence": licence.spdx}


def _licence(workspace: Workspace, log: Log, what: str) -> tuple[str, Licence]:
    """Return record id and terms of a built-in licence or of a licence record.

    Raises:
        NotOurs: it names another kind of record.
        NoSuchRecord: it names nothing.
    """
    if what in PRESETS:
        terms = preset(what)
        return terms_record(workspace, log, terms, own=True), terms
    try:
        found = find_record(workspace, log, what)
    except NoSuchRecord as error:
        raise NoSuchRecord(
            f"got the licence '{what[:80]}', expected {', '.join(sorted(PRESETS))} or a licence "
            "record",
            hint="other terms: publish, then diptych model license set NAME --file terms.json",
        ) from error
    if found.statement.kind != "licence":
        raise NotOurs(
            f"record {found.index} is of kind '{found.statement.kind}', expected a licence",
            hint=f"built-in licences: {', '.join(sorted(PRESETS))}",
        )
    with open_licences(workspace, log) as licences:
        return found.record, licences.read(found).licence


def _store(workspace: Workspace, place: Path, built: BuiltManifest) -> None:
    require_sha256(built.summary.algorithms)
    manifest = read_manifest(object_stream(workspace.objects, built.object_name))
    copy_payload(
        place,
        manifest,
        workspace.objects,
        algorithms=built.summary.algorithms,
        progress=workspace.progress,
    )
