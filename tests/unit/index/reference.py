"""The index in plain dictionaries: what any store must hold for the story's chain, slowly."""

from typing import Any

from tests.unit.index.chains import TOKEN, TRANSFER, Block, HandMadeChain
from tests.unit.index.stories import FACTORY

Change = tuple[str, tuple[Any, ...], Any]


def reference(chain: HandMadeChain) -> dict[str, list[tuple[Any, ...]]]:
    """Return the versions of each table: key, values, first and end block, hash; sorted."""
    standing: dict[tuple[str, tuple[Any, ...]], tuple[int, Any]] = {}
    done: dict[str, list[tuple[Any, ...]]] = {}
    children: set[bytes] = set()
    for block in chain.blocks:
        touched: dict[tuple[str, tuple[Any, ...]], Any] = {}
        made = {log.data[12:32] for log in block.logs if log.address == FACTORY}
        children |= made
        for table, key, change in changes(block, children):
            before = touched.get((table, key), standing.get((table, key), (0, None))[1])
            touched[table, key] = change(before)
        number = block.ref.number
        for place, value in touched.items():
            if place in standing:
                first, old = standing.pop(place)
                done.setdefault(place[0], []).append(row(chain, place[1], old, first, number))
            if value is not None:
                standing[place] = (number, value)
    for (table, key), (first, value) in standing.items():
        done.setdefault(table, []).append(row(chain, key, value, first, None))
    return {table: sorted(rows, key=repr) for table, rows in done.items()}


def row(chain: HandMadeChain, key: Any, value: Any, first: int, end: int | None) -> Any:
    """Return one version."""
    return (*key, *value, first, end, "0x" + chain.blocks[first].ref.hash.hex())


def changes(block: Block, children: set[bytes]) -> list[Change]:
    """Return what the events of a block change, as functions of what stood."""
    found: list[Change] = []
    at, number = block.ref.timestamp_s, block.ref.number
    for index, log in enumerate(block.logs):
        address = "0x" + log.address.hex()
        if log.address in children:
            synced = (int.from_bytes(log.data[:32], "big"),)
            found.append(("reserve", (address,), lambda _, new=synced: new))
        if log.address != TOKEN or len(log.data) != 32 or log.topics[0] != TRANSFER:
            continue
        sender, receiver = ("0x" + topic[12:].hex() for topic in log.topics[1:])
        value = int.from_bytes(log.data, "big")
        moved = (at, receiver, str(value))
        found.append(("transfer", (f"{number}-{index}",), lambda _, new=moved: new))
        for who, amount in ((sender, -value), (receiver, value)):
            found.append(("balance", (who,), lambda old, v=amount: plus(old, v)))
        if value % 2:
            found.append(("holder", (sender,), lambda _: None))
        held = (str(value), None if value % 3 else str(value))
        found.append(("holder", (receiver,), lambda _, new=held: new))
        found.append(("reach", (receiver,), lambda old, v=value, n=number: reached(old, v, n)))
        counted = (str(value % 3), receiver)
        found.append(("amount", counted, lambda old: (1 if old is None else old[0] + 1,)))
        for every, seconds in (("traffic_hour", 3_600), ("traffic_day", 86_400)):
            bucket = (at // seconds * seconds,)
            found.append((every, bucket, lambda old, v=value: plus(old, v)))
    return found


def plus(old: Any, value: int) -> Any:
    """Add to a sum and a count."""
    return (str(value), 1) if old is None else (str(int(old[0]) + value), old[1] + 1)


def reached(old: Any, value: int, number: int) -> Any:
    """Widen a range."""
    if old is None:
        return (str(value), str(value), number, number)
    least, greatest = min(int(old[0]), value), max(int(old[1]), value)
    return (str(least), str(greatest), old[2], number)
