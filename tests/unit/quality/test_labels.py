"""Wrong labels: found in tables of scikit-learn, with few false alarms."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from diptych.data.quality.labels import out_of_sample, suspects
from diptych.data.quality.labels.features import feature_matrix
from diptych.data.quality.labels.probabilities import pooled


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_flips_are_found_and_clean_tables_left_alone(load: object) -> None:
    features, labels = load(return_X_y=True)  # type: ignore[operator]
    assert len(suspects(features, labels).places) <= 0.02 * len(labels)
    chance = np.random.default_rng(0)
    flipped = chance.choice(len(labels), len(labels) // 20, replace=False)
    noisy = labels.copy()
    noisy[flipped] = (noisy[flipped] + 1) % 3
    found = suspects(features, noisy)
    hits = len(set(found.places.tolist()) & set(flipped.tolist()))
    assert 2 * hits / (len(found.places) + len(flipped)) >= 0.8


def test_the_same_seed_gives_the_same_suspects() -> None:
    features, labels = load_breast_cancer(return_X_y=True)
    first, second = (suspects(features[:200], labels[:200], seed=3) for _ in range(2))
    assert first.places.tolist() == second.places.tolist()


def test_probabilities_are_probabilities() -> None:
    features, labels = load_iris(return_X_y=True)
    found = out_of_sample(features, labels, seed=1)
    assert found.shape == (150, 3)
    assert np.allclose(found.sum(axis=1), 1)
    assert (found > 0).all()


def test_the_pool_trusts_who_is_right() -> None:
    labels = np.array([0, 1] * 50)
    right = np.where(labels[:, None] == [0, 1], 0.9, 0.1)
    wrong = 1 - right
    assert (pooled([right, wrong], labels).argmax(axis=1) == labels).all()


def test_features_have_no_gaps_and_no_names() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "x": [1.0, np.nan, 3.0],
            "sex": np.array(["f", "m", None], dtype=object),
            "name": np.array(["a", "b", "c"], dtype=object),
            "one": [1.0, 1.0, 1.0],
        }
    )
    made = feature_matrix(frame)
    assert np.isfinite(made).all()
    assert made.shape == (3, 2 + 2 + 3)


def test_a_column_of_many_texts_is_left_out() -> None:
    import pandas as pd

    names = np.array([f"patient {n}" for n in range(40)], dtype=object)
    assert feature_matrix(pd.DataFrame({"name": names})).shape == (40, 0)


def test_cleanlab_is_the_other_method() -> None:
    pytest.importorskip("cleanlab")
    from diptych.data.quality.labels.peer import peer_suspects

    features, labels = load_wine(return_X_y=True)
    noisy = labels.copy()
    noisy[:5] = 2
    found = peer_suspects(features, noisy)
    assert set(range(5)) <= set(found.places.tolist())
    assert len(found.places) < 30
