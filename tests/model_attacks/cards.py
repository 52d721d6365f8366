"""Attacks on the stored card."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial

from tests.model_attacks.scene import Case, World
from tests.model_attacks.weights_and_store import object_path

from diptych.app.verbs.records import record_at


def card_cases() -> Iterator[Case]:
    """Yield attacks on the stored card."""
    for name, change in (
        ("a better metric", lambda card: card["metrics"][0].update(value=0.99, high=0.995)),
        ("limits removed", lambda card: card.update(limits=[])),
        ("another intended use", lambda card: card.update(intended_use="diagnosis")),
        ("a more generous licence", lambda card: card.update(licence="MIT")),
        ("a contributor added", lambda card: card["contributors"].append(_MALLORY)),
        ("other digests", lambda card: card.update(manifest="0" * 64)),
    ):
        yield Case("card", name, partial(_edit_card, change), ("Model.CardMismatch",))
    yield Case("card", "the card of version 1", _card_of_first, ("Model.CardMismatch",))
    yield Case("card", "removed", _remove_card, ("Object.Missing",))
    yield Case("card", "not a card", _no_card, ("Model.CardMismatch",))


_MALLORY = {"name": "Mallory", "role": "owner", "share": "0.5"}


def _edit_card(change: Callable[[dict[str, object]], object], world: World) -> None:
    path = object_path(world, _card_name(world, "model/tumour"))
    card = json.loads(path.read_bytes())
    change(card)
    path.chmod(0o644)
    path.write_text(json.dumps(card, sort_keys=True, separators=(",", ":")))


def _card_name(world: World, label: str) -> str:
    with world.book.read_log() as log:
        index = log.label(label)
        assert index is not None
        claim = record_at(log, index).statement.model
        assert claim is not None
        return claim.card.hex()


def _card_of_first(world: World) -> None:
    path = object_path(world, _card_name(world, "model/tumour"))
    path.chmod(0o644)
    shutil.copyfile(object_path(world, _card_name(world, "model/tumour@1")), path)


def _remove_card(world: World) -> None:
    object_path(world, _card_name(world, "model/tumour")).unlink()


def _no_card(world: World) -> None:
    path = object_path(world, _card_name(world, "model/tumour"))
    path.chmod(0o644)
    path.write_bytes(b"{}")
