"""Index: from chain to reorg-safe tables, SQL and GraphQL.

A manifest says what to index: contracts, entities (`@entity` above typed classes) and handlers.

>>> from diptych.index import Manifest, entity, kinds
>>> @entity
... class Balance:
...     account: kinds.Address
...     amount: kinds.Total
>>> manifest = Manifest("tokens", entities=[Balance])
>>> token = manifest.contract("Token", abi="erc20", address="0x" + "ab" * 20)
>>> @manifest.on(token.events.Transfer)
... def moved(event, read):
...     yield Balance(account=event.args["from"], amount=-event.args["value"])
...     yield Balance(account=event.args["to"], amount=event.args["value"])
"""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.index.engine.indexer import Indexer, IndexOptions
    from diptych.index.manifest import kinds
    from diptych.index.manifest.contract import Factory
    from diptych.index.manifest.entity import entity
    from diptych.index.manifest.handlers import EventRow, delete
    from diptych.index.manifest.manifest import Manifest

__all__ = [
    "EventRow",
    "Factory",
    "IndexOptions",
    "Indexer",
    "Manifest",
    "delete",
    "entity",
    "kinds",
]

_MANIFEST = "diptych.index.manifest"
__getattr__ = lazy_names(
    __name__,
    {
        "EventRow": f"{_MANIFEST}.handlers",
        "Factory": f"{_MANIFEST}.contract",
        "IndexOptions": "diptych.index.engine.indexer",
        "Indexer": "diptych.index.engine.indexer",
        "Manifest": f"{_MANIFEST}.manifest",
        "delete": f"{_MANIFEST}.handlers",
        "entity": f"{_MANIFEST}.entity",
        "kinds": _MANIFEST,
    },
)
