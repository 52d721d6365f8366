"""What a run learns when it is a replay: where its inputs stand now, and which seed to take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diptych_verify.jsonio import ObjectReader, strict_json

VARIABLE = "DIPTYCH__REPLAY"
"""Names a file with the plan of the replay; two underscores, for it is no setting."""
_MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class Replay:
    """The plan of a replay.

    Attributes:
        inputs: reference as it was recorded, to a path in the replay's folder.
        seed: the recorded seed; None leaves the code's own.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None

    def seed_for(self, seed: int | None) -> int | None:
        """Return which seed to take where the code says `seed`."""
        return seed if self.seed is None else self.seed

    def dump(self) -> bytes:
        """Return the plan as it is handed to the other process."""
        return json.dumps({"inputs": dict(self.inputs), "seed": self.seed}).encode()


def current_replay(environ: Mapping[str, str]) -> Replay | None:
    """Return the plan if this process is a replay."""
    if VARIABLE not in environ:
        return None
    raw = Path(environ[VARIABLE]).read_bytes()
    reader = ObjectReader(strict_json(raw, max_bytes=_MAX_BYTES, max_depth=4), "replay")
    inputs = reader.object("inputs")
    seed = None if reader.raw("seed") is None else reader.integer("seed")
    return Replay({name: inputs.text(name, max_characters=8_192) for name in inputs.members}, seed)
