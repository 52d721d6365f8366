"""Builds tries, receipts, headers and anchor evidence for tests, straight from the Yellow Paper."""

from dataclasses import dataclass, field
from typing import Any

from tests.unit.verify.maker import Json, TinyLog, b64

from diptych_verify.keccak import keccak256
from diptych_verify.rlp import encode_integer, rlp_encode

Node = Any
CONTRACT = bytes.fromhex("c0" * 20)
LOG_ID = bytes.fromhex("1d" * 32)
CHAIN_ID = 1
BLOCK_TIME_S = 1_800_000_000
TOPIC = keccak256(b"Anchored(bytes32,uint48,bytes32)")


def nibbles(raw: bytes) -> list[int]:
    return [nibble for byte in raw for nibble in (byte >> 4, byte & 15)]


def hex_prefix(path: list[int], *, leaf: bool) -> bytes:
    flag = 2 * leaf + len(path) % 2
    digits = [flag, *path] if len(path) % 2 else [flag, 0, *path]
    return bytes(16 * a + b for a, b in zip(digits[::2], digits[1::2], strict=True))


def build(items: dict[tuple[int, ...], bytes]) -> Node:
    """Return the root node of the trie as nested lists (Yellow Paper, appendix D)."""
    if len(items) == 1:
        path, value = next(iter(items.items()))
        return [hex_prefix(list(path), leaf=True), value]
    paths = list(items)
    shared = 0
    while all(len(p) > shared for p in paths) and len({p[shared] for p in paths}) == 1:
        shared += 1
    if shared:
        below = {path[shared:]: value for path, value in items.items()}
        return [hex_prefix(list(paths[0][:shared]), leaf=False), build(below)]
    branch: list[Node] = []
    for nibble in range(16):
        group = {p[1:]: v for p, v in items.items() if p and p[0] == nibble}
        branch.append(build(group) if group else b"")
    return [*branch, items.get((), b"")]


def reference(node: Node) -> Node:
    """Return a node with its children replaced by embedded lists or hashes."""
    if len(node) == 17:
        return [*(child and link(child) for child in node[:16]), node[16]]
    is_leaf = node[0][0] >> 4 >= 2
    return node if is_leaf else [node[0], link(node[1])]


def link(node: Node) -> Node:
    inner = reference(node)
    raw = rlp_encode(inner)
    return inner if len(raw) < 32 else keccak256(raw)


@dataclass(frozen=True)
class Trie:
    """A trie over byte keys: its root, and the proof of any key."""

    items: dict[bytes, bytes]

    @property
    def _node(self) -> Node:
        return build({tuple(nibbles(key)): value for key, value in self.items.items()})

    @property
    def root(self) -> bytes:
        return keccak256(rlp_encode(reference(self._node)))

    def proof(self, key: bytes) -> list[bytes]:
        node, path, proof = self._node, nibbles(key), [rlp_encode(reference(self._node))]
        while path or len(node) == 17:
            if len(node) == 17:
                if not path or not node[path[0]]:
                    break
                node, path = node[path[0]], path[1:]
            elif node[0][0] >> 4 >= 2:
                break
            else:
                skip = len(nibbles(node[0])) - (1 if node[0][0] >> 4 & 1 else 2)
                node, path = node[1], path[skip:]
            raw = rlp_encode(reference(node))
            if len(raw) >= 32:
                proof.append(raw)
        return proof


def receipt(events: list[Node], *, kind: int = 2, status: bytes = b"\x01") -> bytes:
    body = rlp_encode([status, b"\x52\x08", bytes(256), events])
    return bytes([kind]) + body if kind else body


def anchored(size: int, root: bytes, *, log_id: bytes = LOG_ID, contract: bytes = CONTRACT) -> Node:
    return [contract, [TOPIC, log_id], size.to_bytes(32, "big") + root]


def header(receipts_root: bytes, *, time_s: int = BLOCK_TIME_S, extra: int = 6) -> bytes:
    fields: list[bytes] = [bytes(32)] * 2 + [bytes(20)] + [bytes(32)] * 2 + [receipts_root]
    fields += [bytes(256), b"", b"\x07", b"\x01\xc9\xc3\x80", b"\x52\x08"]
    fields += [time_s.to_bytes(5, "big").lstrip(b"\0"), b"", bytes(32), bytes(8)]
    later = [b"\x07", bytes(32), b"", b"", bytes(32), bytes(32)]
    return rlp_encode([*fields, *later[:extra]])


@dataclass
class Block:
    """A block of receipts, one of which anchors a log head."""

    events: list[Node]
    index: int = 3
    log_index: int = 0
    status: bytes = b"\x01"
    time_s: int = BLOCK_TIME_S
    count: int = 5
    others: dict[int, bytes] = field(default_factory=dict)

    @property
    def trie(self) -> Trie:
        filler = [[bytes(20), [], b""]]
        items = {encode_integer(i): receipt(filler) for i in range(self.count)}
        items[encode_integer(self.index)] = receipt(self.events, status=self.status)
        return Trie(items)

    @property
    def header(self) -> bytes:
        return header(self.trie.root, time_s=self.time_s)

    @property
    def block_hash(self) -> bytes:
        return keccak256(self.header)

    def evidence(self, **fields: object) -> Json:
        proof = self.trie.proof(encode_integer(self.index))
        return {
            "chain_id": CHAIN_ID,
            "contract": f"0x{CONTRACT.hex()}",
            "log_id": f"0x{LOG_ID.hex()}",
            "header": b64(self.header),
            "receipt": {
                "index": self.index,
                "log_index": self.log_index,
                "proof": list(map(b64, proof)),
            },
            **fields,
        }


def anchor_block(log: TinyLog, size: int | None = None, **fields: Any) -> Block:
    head = log.checkpoint(size)
    return Block([anchored(head.size, head.root)], **fields)
