"""What bytes carry: scripts, shell commands, programs and addresses below layers of encoding."""

from diptych.audit.payloads.bytecode import constants
from diptych.audit.payloads.inspect import Limits, Payload, inspect_bytes, inspect_pieces
from diptych.audit.payloads.literals import Literal, literals

__all__ = [
    "Limits",
    "Literal",
    "Payload",
    "constants",
    "inspect_bytes",
    "inspect_pieces",
    "literals",
]
