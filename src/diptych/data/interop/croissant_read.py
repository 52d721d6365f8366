"""Read a Croissant description strictly: known context, unique ids, nothing that points nowhere.

Nothing is fetched: not the context, not the files.
"""

from collections import Counter
from collections.abc import Iterator

from diptych.core.errors import JsonValue
from diptych.data.interop.croissant import (
    PREFIXES,
    TERMS,
    VERSIONS,
    BadCroissant,
    Description,
    FieldEntry,
    FileEntry,
    RecordSet,
    UnsupportedCroissant,
)
from diptych_verify.jsonio import shown, strict_json

MAX_CROISSANT_BYTES = 32 << 20
MAX_ENTRIES = 100_000
_MAX_DEPTH = 32
_MAX_TEXT = 100_000
_KEPT = tuple(start for name in ("rai", "prov") for start in (f"{name}:", *PREFIXES[name]))
_Node = dict[str, JsonValue]


def read_croissant(raw: bytes) -> Description:
    """Parse a description.

    Raises:
        MalformedError: it is no acceptable JSON.
        UnsupportedCroissant: another version, or a context that is not known here.
        BadCroissant: it lacks what it must have, or refers to what it does not hold.
    """
    value = strict_json(raw, max_bytes=MAX_CROISSANT_BYTES, max_depth=_MAX_DEPTH)
    if not isinstance(value, dict):
        raise BadCroissant("got JSON that is no object, expected a description")
    _check_context(value.get("@context"))
    root = _plain(value)
    if "Dataset" not in _types(root):
        raise BadCroissant(f"got @type {shown(root.get('@type'))}, expected sc:Dataset")
    conforms = next((one for one in _texts(root, "conformsTo") if one in VERSIONS), None)
    if conforms is None:
        raise UnsupportedCroissant(
            f"got conformsTo {shown(root.get('conformsTo'))}, expected Croissant 1.0 or 1.1"
        )
    found = Description(
        name=_required(root, "name", "the description"),
        conforms_to=conforms,
        version=_first(root, "version"),
        licence=_first(root, "license"),
        creators=tuple(filter(None, (_name(one) for one in _items(root, "creator")))),
        cite_as=_first(root, "citeAs"),
        files=tuple(map(_file, _nodes(root, "distribution"))),
        record_sets=tuple(map(_record_set, _nodes(root, "recordSet"))),
        responsible={key: item for key, item in value.items() if key.startswith(_KEPT)},
    )
    _check_references(found)
    return found


def _check_context(context: JsonValue) -> None:
    """Refuse a context that gives a term another meaning, or that would have to be fetched."""
    for one in context if isinstance(context, list) else [context]:
        if isinstance(one, str):
            known = {f"{each}{end}" for each in VERSIONS for end in ("", "/", "/context")}
            if one not in known and one.rstrip("/") not in (
                "https://schema.org",
                "http://schema.org",
            ):
                raise UnsupportedCroissant(f"got the context {shown(one)}, which is not known here")
        elif isinstance(one, dict):
            _check_terms(one)
        else:
            raise BadCroissant(f"got @context {shown(one)}, expected an object")


def _check_terms(context: _Node) -> None:
    for term, meaning in context.items():
        said = meaning.get("@id") if isinstance(meaning, dict) else meaning
        if term in PREFIXES:
            right = said in PREFIXES[term]
        elif term == "@vocab":
            right = said in PREFIXES["sc"]
        elif term in TERMS:
            prefix, _, name = TERMS[term].partition(":")
            right = said in (TERMS[term], *(start + name for start in PREFIXES[prefix]))
            right = right or said in (f"sc:{name}", f"https://schema.org/{name}")
        else:
            right = term not in _MEMBERS
        if not right:
            raise UnsupportedCroissant(f"the context gives {shown(term)} the meaning {shown(said)}")


_MEMBERS = frozenset(
    [
        *("name", "version", "license", "creator", "distribution", "description", "url"),
        *("contentUrl", "contentSize", "encodingFormat", "sha256", "sameAs", "keywords"),
    ]
)


def _plain(node: _Node) -> _Node:
    """Return the members of a node without the prefixes of known vocabularies.

    Raises:
        BadCroissant: a member stands there twice, with and without prefix.
    """
    plain: _Node = {}
    for key, value in node.items():
        name = _short(key)
        if name in plain:
            raise BadCroissant(f"the member {shown(name)} is there twice")
        plain[name] = value
    return plain


def _short(name: str) -> str:
    for prefix, starts in PREFIXES.items():
        for start in (f"{prefix}:", *starts):
            if prefix not in ("rai", "prov") and name.startswith(start):
                return name.removeprefix(start)
    return name


def _items(node: _Node, key: str) -> list[JsonValue]:
    """Return the values of a member, which JSON-LD writes as one or as a list."""
    value = node.get(key)
    if value is None:
        return []
    found: list[JsonValue] = value if isinstance(value, list) else [value]
    if len(found) > MAX_ENTRIES:
        raise BadCroissant(f"got {len(found)} of {key}, expected at most {MAX_ENTRIES}")
    return found


def _nodes(node: _Node, key: str) -> Iterator[_Node]:
    for value in _items(node, key):
        if not isinstance(value, dict):
            raise BadCroissant(f"got {shown(value)} in {key}, expected an object")
        yield _plain(value)


def _texts(node: _Node, key: str) -> tuple[str, ...]:
    """Return texts; a node stands for its `@id`."""
    found = []
    for value in _items(node, key):
        text = value.get("@id", value.get("@value")) if isinstance(value, dict) else value
        if not isinstance(text, str) or len(text) > _MAX_TEXT:
            raise BadCroissant(f"got {shown(value)} for {key}, expected text")
        found.append(text)
    return tuple(found)


def _first(node: _Node, key: str) -> str:
    for value in _items(node, key):
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, dict):
            return str(_name(value) or value.get("@id") or "")
        raise BadCroissant(f"got {shown(value)} for {key}, expected text")
    return ""


def _name(value: JsonValue) -> str:
    if isinstance(value, dict):
        return _first(_plain(value), "name")
    return value if isinstance(value, str) else ""


def _required(node: _Node, key: str, what: str) -> str:
    found = _first(node, key)
    if not found:
        raise BadCroissant(f"{what} lacks {key}")
    return found


def _types(node: _Node) -> list[str]:
    return [_short(one) for one in _texts(node, "@type")]


def _file(node: _Node) -> FileEntry:
    name = _required(node, "@id", "an entry of distribution")
    kinds = [one for one in _types(node) if one in ("FileObject", "FileSet")]
    if len(kinds) != 1:
        raise BadCroissant(f"{shown(name)} is {shown(node.get('@type'))}, expected a file or set")
    found = FileEntry(
        id=name,
        kind=kinds[0],
        url=_first(node, "contentUrl"),
        sha256=_first(node, "sha256"),
        md5=_first(node, "md5"),
        size=_first(node, "contentSize"),
        includes=_texts(node, "includes"),
        inside=_texts(node, "containedIn"),
    )
    if not _texts(node, "encodingFormat"):
        raise BadCroissant(f"{shown(name)} lacks encodingFormat")
    if found.kind == "FileSet" and not found.includes:
        raise BadCroissant(f"the set {shown(name)} lacks includes")
    if found.kind == "FileObject" and not found.inside:
        if not found.url:
            raise BadCroissant(f"the file {shown(name)} lacks contentUrl")
        if not (found.sha256 or found.md5):
            raise BadCroissant(f"the file {shown(name)} lacks a digest: sha256 or md5")
    return found


def _record_set(node: _Node) -> RecordSet:
    name = _required(node, "@id", "a record set")
    if "RecordSet" not in _types(node):
        raise BadCroissant(f"{shown(name)} is {shown(node.get('@type'))}, expected a record set")
    rows = _items(node, "data")
    fields = tuple(_field(one, bool(rows)) for one in _nodes(node, "field"))
    return RecordSet(name, _first(node, "name") or name, fields, len(rows))


def _field(node: _Node, inline: bool) -> FieldEntry:
    name = _required(node, "@id", "a field")
    if "Field" not in _types(node):
        raise BadCroissant(f"{shown(name)} is {shown(node.get('@type'))}, expected a field")
    column = ""
    sources: list[str] = []
    for source in _nodes(node, "source"):
        for key in ("fileObject", "fileSet", "distribution", "recordSet", "field"):
            sources += _texts(source, key)
        for extract in _nodes(source, "extract"):
            column = _first(extract, "column") or column
    references = [
        each
        for one in _nodes(node, "references")
        for key in ("field", "recordSet", "@id")
        for each in _texts(one, key)
    ]
    types = _texts(node, "dataType")
    parts = list(_nodes(node, "subField"))
    if not (types or references or parts):
        raise BadCroissant(f"the field {shown(name)} lacks dataType")
    has_value = bool(sources or inline or parts or node.get("value") is not None)
    if not has_value and not references:
        raise BadCroissant(f"the field {shown(name)} lacks a source")
    return FieldEntry(
        name, _first(node, "name") or name, types, column, tuple(sources), tuple(references)
    )


def _check_references(found: Description) -> None:
    fields = [one for each in found.record_sets for one in each.fields]
    names = [one.id for one in found.files]
    names += [one.id for one in found.record_sets] + [one.id for one in fields]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadCroissant(f"the @id {shown(twice[0])} is there {Counter(names)[twice[0]]} times")
    known = frozenset(names)
    for name, targets in (
        *((one.id, one.inside) for one in found.files),
        *((one.id, (*one.sources, *one.references)) for one in fields),
    ):
        lost = [one for one in targets if one not in known]
        if lost:
            raise BadCroissant(f"{shown(name)} refers to {shown(lost[0])}, which is not there")
    _check_containers(found)


def _check_containers(found: Description) -> None:
    inside = {one.id: one.inside for one in found.files}
    for start, first in inside.items():
        place, steps = first, 0
        while place:
            place, steps = inside.get(place[0], ()), steps + 1
            if steps > len(inside):
                raise BadCroissant(f"{shown(start)} is contained in itself")
