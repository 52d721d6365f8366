"""All samples as arrays for training, with folds that keep near-copies together."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from clones import clusters
from samples import Sample, clean_samples, labelled_samples, library_samples, mutant_samples

from diptych.audit.learned.features import FLAGS
from diptych.audit.learned.vocabulary import ATTRIBUTES, KINDS, TYPES

__all__ = ["FOLDS", "collect", "fold_of", "folds", "write"]

FOLDS = 5
CLEAN_KEPT = 0.4


def collect(sets: Path) -> list[Sample]:
    """Return every sample, in a fixed order; of clean code a part."""
    found = [*labelled_samples(sets / "smartbugs-curated")]
    found += labelled_samples(sets / "solidifi", every=12)
    found += (s for s in labelled_samples(sets / "reentrancy-aggregated") if _kept(s, 0.35))
    found += (s for s in clean_samples() if _kept(s, CLEAN_KEPT))
    found += mutant_samples()
    found += library_samples(max(sample.pair for sample in found) + 1)
    return found


def _kept(sample: Sample, share: float) -> bool:
    """Draw by name, so that the same functions are taken each time."""
    drawn = zlib.crc32(f"{sample.origin}:{sample.function}".encode()) / 2**32
    return drawn < share and len(sample.arrays.words) > 6


def folds(sources: dict[str, bytes]) -> dict[str, int]:
    """Return the fold of each file: by cluster of near-copies."""
    return {name: fold_of(cluster) for name, cluster in clusters(sources).items()}


def fold_of(cluster: int) -> int:
    """Return the fold of a cluster."""
    return zlib.crc32(str(cluster).encode()) % FOLDS


def write(path: Path, samples: Sequence[Sample], fold: dict[str, int]) -> None:
    """Write samples as flat arrays."""
    arrays = [each.arrays for each in samples]
    edges = [np.array(each.edges, dtype=np.int32).reshape(-1, 3) for each in arrays]
    np.savez(
        path,
        words=np.array([row for each in arrays for row in each.words], dtype=np.int16),
        flags=np.array([row for each in arrays for row in each.flags], dtype=np.float16),
        edges=np.concatenate(edges),
        facts=np.array([each.function for each in arrays], dtype=np.float32),
        node_counts=np.array([len(each.words) for each in arrays]),
        edge_counts=np.array([len(each) for each in edges]),
        labels=np.array([each.labels for each in samples], dtype=np.float32),
        fold=np.array([fold[each.group] for each in samples]),
        pair=np.array([each.pair for each in samples]),
        faulty=np.array([each.faulty for each in samples]),
        sizes=np.array([len(KINDS), len(ATTRIBUTES), len(TYPES)]),
        flag_count=np.array(FLAGS),
    )
