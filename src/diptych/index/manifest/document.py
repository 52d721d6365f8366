"""Bounded YAML: plain values, no aliases, no double keys, and only what YAML 1.2 calls a number.

YAML 1.1 reads `on` as true and an unquoted address as a number; both are text here.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from diptych.index.manifest.manifest import BadManifest

MAX_BYTES = 1 << 20
_TEXT = "tag:yaml.org,2002:str"
_PLAIN = (
    ("bool", "true|false"),
    ("int", "-?(?:0|[1-9][0-9]{0,99})"),
    ("float", r"-?[0-9]+\.[0-9]+"),
    ("null", "null|~|"),
)
_RESOLVERS = {
    None: [(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{form})$")) for tag, form in _PLAIN]
}


def read_document(raw: bytes, *, where: str) -> Any:
    """Return what a YAML document says.

    Raises:
        BadManifest: it is too large, no YAML, has aliases, or a key that is no text or twice there.
    """
    if len(raw) > MAX_BYTES:
        raise BadManifest(f"{where}: got {len(raw):,} bytes, expected at most {MAX_BYTES:,}")
    try:
        # An alias of aliases of aliases can blow up to any size.
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(raw, Loader=yaml.SafeLoader)):
            raise BadManifest(f"{where}: got an alias (*name), expected plain values")
        loader = yaml.SafeLoader(raw)
        loader.yaml_implicit_resolvers = _RESOLVERS
        node = loader.get_single_node()
        _check_keys(node, where)
        return None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problem = str(getattr(error, "problem", None) or error)
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        raise BadManifest(f"{where} is no YAML: {problem.splitlines()[0][:200]}{place}") from error


def _check_keys(node: Any, where: str) -> None:
    for mapping in _mappings(node):
        seen = set()
        for key, _ in mapping.value:
            if key.tag != _TEXT or key.value in seen:
                raise BadManifest(
                    f"{where}, line {key.start_mark.line + 1}: got key {key.value!s:.60},"
                    " expected text, once"
                )
            seen.add(key.value)


def _mappings(node: Any) -> Iterator[Any]:
    """Yield every mapping below a node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, yaml.MappingNode):
            yield one
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value
