"""ABIs, and the logs they describe as columns."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.index.abi.event import Event, Input
    from diptych.index.abi.known import known_abi
    from diptych.index.abi.logs import (
        Decoded,
        decode,
        decode_each,
        rows_schema,
        unread_schema,
    )
    from diptych.index.abi.reading import Abi, read_abi

__all__ = [
    "Abi",
    "Decoded",
    "Event",
    "Input",
    "decode",
    "decode_each",
    "known_abi",
    "read_abi",
    "rows_schema",
    "unread_schema",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Abi": "diptych.index.abi.reading",
        "Decoded": "diptych.index.abi.logs",
        "Event": "diptych.index.abi.event",
        "Input": "diptych.index.abi.event",
        "decode": "diptych.index.abi.logs",
        "decode_each": "diptych.index.abi.logs",
        "known_abi": "diptych.index.abi.known",
        "read_abi": "diptych.index.abi.reading",
        "rows_schema": "diptych.index.abi.logs",
        "unread_schema": "diptych.index.abi.logs",
    },
)
