"""Seed the generators that numeric code draws from, when the caller asks for it."""

import random
import sys
from importlib import import_module
from importlib.util import find_spec

_NUMPY_SEEDS = 2**32


def seed_generators(seed: int) -> tuple[str, ...]:
    """Seed `random`, NumPy if it is installed, and torch if it is loaded; return which.

    NumPy's global generator takes 32 bits, so the seed is taken modulo 2^32 there. Generators that
    code makes for itself (`numpy.random.default_rng()`) need the seed from the code.
    """
    random.seed(seed)
    seeded = ["random"]
    if "numpy" in sys.modules or find_spec("numpy") is not None:
        import_module("numpy").random.seed(seed % _NUMPY_SEEDS)
        seeded.append("numpy")
    if "torch" in sys.modules:
        import_module("torch").manual_seed(seed)
        seeded.append("torch")
    return tuple(seeded)
