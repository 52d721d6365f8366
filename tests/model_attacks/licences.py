"""Uses that a licence does not allow."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.model_attacks.scene import NOW, Case, World, load, nothing, open_book

from diptych.app.verbs.model.license import grant_licence, load_licence, revoke_licence, set_licence
from diptych.provenance.keys.signer import Ed25519Signer

REFUSED = ("Model.LicenceRefused",)


CLINIC = Ed25519Signer(bytes([7]) * 32).keyid


OTHER = Ed25519Signer(bytes([8]) * 32).keyid


DAY_S = 86_400.0


def licence_cases() -> Iterator[Case]:
    """Yield uses that a licence does not allow (any more)."""
    yield _licence("no grant under an offer", nothing, twin=_grant, before=_offer)
    yield _licence("a grant to somebody else", partial(_grant_to, OTHER), before=_offer)
    yield _licence("a grant that ended", nothing, use=_later(40), before=_offer_and_short)
    yield _licence(
        "a grant that was taken back",
        lambda w: revoke_licence(w.book, "tumour", to=CLINIC),
        before=_offer_and_grant,
    )
    yield _licence(
        "a grant for another action",
        partial(_grant_to, CLINIC, actions=("reproduce",)),
        before=_offer,
    )
    yield _licence(
        "a grant for the version before",
        lambda w: grant_licence(w.book, "tumour@1", CLINIC),
        before=_offer_both,
    )
    yield from _terms_cases()


def _terms_cases() -> Iterator[Case]:
    yield _licence(
        "commercial use of a research licence",
        partial(_set, "research"),
        use=partial(_use, purpose="commerce"),
        twin=partial(_set, "Apache-2.0"),
    )
    yield _licence(
        "no purpose stated under a research licence",
        partial(_set, "research"),
        use=_use,
        twin=partial(_set, "Apache-2.0"),
    )
    yield from _document_cases()


def _document_cases() -> Iterator[Case]:
    yield Case(
        "licence",
        "the licence was revoked",
        lambda w: revoke_licence(w.book, "tumour"),
        ("Model.Revoked", *REFUSED),
        use=_use,
        before=partial(_set, "Apache-2.0"),
    )
    yield Case(
        "licence",
        "the licence was replaced by a stricter one",
        partial(_set, "commercial"),
        REFUSED,
        use=_use,
        before=partial(_set, "Apache-2.0"),
    )
    yield Case(
        "licence",
        "the licence document altered in the store",
        _alter_licence,
        ("Object.Corrupt",),
        use=_use,
        before=partial(_set, "Apache-2.0"),
    )
    for index, hide in (("graph file", _hide_in_graph), ("registry's index", _hide_in_index)):
        yield Case(
            "licence",
            f"the revocation of a grant hidden in the {index}",
            hide,
            REFUSED,
            use=_use,
            before=_offer_and_grant,
            twin=nothing,
        )


def _licence(
    name: str,
    attack: Callable[[World], object],
    *,
    use: Callable[[World], object] | None = None,
    twin: Callable[[World], object] = nothing,
    before: Callable[[World], object] = nothing,
) -> Case:
    if use is not None and before is _offer_and_short:
        return Case("licence", name, attack, REFUSED, use=use, before=before, twin=_grant_long)
    if before in (_offer, _offer_both) and twin is not _grant:
        twin = _grant
    return Case("licence", name, attack, REFUSED, use=use or _use, before=before, twin=twin)


def _use(world: World, **how: Any) -> object:
    return load(world, "tumour", actor=CLINIC, **how)


def _later(days: int) -> Callable[[World], object]:
    def use(world: World) -> object:
        book = open_book(world.folder, now_s=NOW + days * DAY_S)
        return load(World(world.folder, book, world.policy), "tumour", actor=CLINIC)

    return use


def _set(name: str, world: World) -> None:
    set_licence(world.book, "tumour", load_licence(name))


def _offer(world: World) -> None:
    _set("commercial", world)


def _offer_both(world: World) -> None:
    _offer(world)
    set_licence(world.book, "tumour@1", load_licence("commercial"))


def _grant(world: World) -> None:
    _grant_to(CLINIC, world)


def _grant_to(keyid: str, world: World, actions: tuple[str, ...] = ()) -> None:
    grant_licence(world.book, "tumour", keyid, actions=actions)


def _offer_and_grant(world: World) -> None:
    _offer(world)
    _grant(world)


def _offer_and_short(world: World) -> None:
    _offer(world)
    grant_licence(world.book, "tumour", CLINIC, until="2026-12-01")


def _grant_long(world: World) -> None:
    grant_licence(world.book, "tumour", CLINIC, until="2027-12-01")


def _alter_licence(world: World) -> None:
    from tests.model_attacks.weights_and_store import object_path

    from diptych.app.verbs.licences import open_licences
    from diptych.app.verbs.records import find_record

    with world.book.read_log() as log, open_licences(world.book, log) as licences:
        held = licences.held(find_record(world.book, log, "tumour"))
        assert held is not None
    path = object_path(world, held.digest)
    path.chmod(0o644)
    path.write_bytes(held.document.replace(b"false", b"true "))


def _hide_in_graph(world: World) -> None:
    """Take the grant back, then let the index, which is no evidence, forget it."""
    import sqlite3
    from contextlib import closing

    revoke_licence(world.book, "tumour", to=CLINIC)
    _use_quietly(world)
    world.book.lineage("tumour")
    with closing(sqlite3.connect(world.book.place.graph)) as connection, connection:
        (last,) = connection.execute("SELECT max(src) FROM edges").fetchone()
        connection.execute("DELETE FROM edges WHERE src=?", (last,))


def _hide_in_index(world: World) -> None:
    """Take the grant back, and put an index without it where the own one stands."""
    from diptych.models.registry.kept import KeptIndex
    from diptych.models.registry.scan import LogScan
    from diptych_verify.merkle import Frontier, leaf_hashes

    scan = LogScan()
    with world.book.read_log() as log:
        scan.read(log)
    revoke_licence(world.book, "tumour", to=CLINIC)
    with world.book.read_log() as log:
        frontier = Frontier()
        frontier.extend(leaf_hashes(log.entries()))
        forged = KeptIndex(world.book.place.registry, world.folder / "secret of the attacker")
        forged.save(log.origin, frontier, scan.index)
    assert world.book.place.registry.exists()


def _use_quietly(world: World) -> None:
    from contextlib import suppress

    from diptych.core.errors import DiptychError

    with suppress(DiptychError):
        _use(world)
