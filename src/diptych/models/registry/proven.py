"""Entries read from the log when asked for, each proven to stand under the signed root."""

from dataclasses import dataclass, field

from diptych.models.errors import HistoryEdited
from diptych.models.registry.logged import Logged, parse_logged
from diptych.provenance.log import LogReader
from diptych_verify.errors import NotIncluded
from diptych_verify.merkle import leaf_hash, verify_inclusion

_MOST_HELD = 20_000


@dataclass(frozen=True)
class ProvenEntries:
    """Registry records of one log at one size.

    Attributes:
        log: opened for reading; what was read stays known after it is closed.
        size: number of entries.
        root: 32-byte root of so many, as the log's key signed it.
        held: what was read already: what stands under a root stands under every later one.
    """

    log: LogReader
    size: int
    root: bytes
    held: dict[int, Logged | None] = field(default_factory=dict)

    def at(self, index: int) -> Logged | None:
        """Return a registry record, None if the entry is none.

        Raises:
            HistoryEdited: the entry does not stand under the root.
        """
        if index not in self.held:
            if len(self.held) >= _MOST_HELD:
                self.held.clear()
            self.held[index] = self._proven(index)
        return self.held[index]

    def _proven(self, index: int) -> Logged | None:
        raw = self.log.entry(index)
        leaf = leaf_hash(raw)
        proof = self.log.inclusion_proof(index, self.size)
        try:
            verify_inclusion(leaf, index=index, size=self.size, proof=proof, root=self.root)
        except NotIncluded as error:
            raise HistoryEdited(
                f"entry {index}, or one beside it, does not stand under the signed root: "
                f"{error.message}",
                hint="diptych verify names the first entry that was edited",
                index=index,
            ) from error
        return parse_logged(index, raw, leaf)
