"""scikit-learn: one call instead of `fit`.

    from diptych.models.integrations.sklearn import record_fit
    model = record_fit(book, model, X, y, data=["patients.csv"], save="model.skops")

It calls `fit` of whatever it is given: an estimator, a pipeline, a grid search.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from diptych.models.integrations.book import Book, Reference, require_saved, short
from diptych.models.integrations.stable_skops import library_types, stable_skops

E = TypeVar("E")
_PLAIN = (str, int, float, bool, type(None))


def record_fit(
    book: Book,
    estimator: E,
    X: Any,  # noqa: N803  # the name that scikit-learn gives it
    y: Any = None,
    *,
    data: Sequence[Reference] = (),
    save: Reference | None = None,
    model: str | None = None,
    activity: str = "train",
    **fit: Any,
) -> E:
    """Fit an estimator as a recorded run.

    Parameters come from `get_params`, the seed from `random_state` if there is one; the score and
    parameters that a search found best are noted. Arrays are not digested: name their files.

    Args:
        book: workspace.
        estimator: what to fit.
        X: features, as `fit` takes them.
        y: target, as `fit` takes it.
        data: paths or references of what X and y were read from.
        save: where to write the fitted estimator, or the best one that a search found, as skops;
            always the same bytes for the same fit.
        model: publish it as the next version of the model of this name; needs `save`. The card then
            trusts the classes of scikit-learn, SciPy and NumPy that the estimator holds: it was
            made here. Who imports it elsewhere is asked again; classes of others need
            `book.run` and `run.produce(…, trust=[…])`.
        activity: name of the run.
        **fit: further arguments of `fit`.

    Returns:
        What `fit` returns, which is the estimator.

    Raises:
        NothingSaved: `model` without `save`.
    """
    require_saved(model, save)
    params = estimator_params(estimator)
    with book.run(activity, params=params, seed=_seed(params)) as run:
        for one in data:
            run.use(one)
        # fit(X) of a transformer takes no target, so none is passed where none was given.
        given = (X,) if y is None else (X, y)
        fitted: E = estimator.fit(*given, **fit)  # type: ignore[attr-defined]
        run.note(**fitted_notes(fitted))
        if save is not None:
            # A search holds the times that it took; what it found is its best estimator.
            raw = stable_skops(getattr(fitted, "best_estimator_", fitted))
            path = run.produce(save, model=model, trust=library_types(raw))
            Path(path).write_bytes(raw)
    return fitted


def estimator_params(estimator: Any) -> dict[str, Any]:
    """Return class and parameters of an estimator; nested estimators say their class."""
    params = {"estimator": _kind(estimator)}
    for name, value in sorted(estimator.get_params(deep=True).items()):
        if hasattr(value, "get_params"):
            params[name] = _kind(value)
        elif isinstance(value, _PLAIN) or hasattr(value, "item"):
            params[name] = short(value)
        elif isinstance(value, Mapping | list | tuple):
            params[name] = short(repr(value)) if len(repr(value)) < 2_000 else _kind(value)
        else:
            params[name] = _kind(value)
    return params


def fitted_notes(fitted: Any) -> dict[str, Any]:
    """Return what an estimator says of itself once it is fitted."""
    notes: dict[str, Any] = {}
    for name in ("best_score_", "n_features_in_", "n_iter_"):
        value: Any = getattr(fitted, name, None)
        if hasattr(value, "max") and value.size:
            value = value.max()  # one number per class; the longest says it all
        if isinstance(value, int | float) or hasattr(value, "item"):
            notes[name] = float(value) if name == "best_score_" else int(value)
    best = getattr(fitted, "best_params_", None)
    if isinstance(best, Mapping):
        notes["best_params_"] = {
            key: short(v) if isinstance(v, _PLAIN) else _kind(v) for key, v in best.items()
        }
    return notes


def _kind(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _seed(params: Mapping[str, Any]) -> int | None:
    """Return the only seed among the parameters; of several that differ none is the seed."""
    seeds = {
        int(value)
        for name, value in params.items()
        if name.split("__")[-1] == "random_state"
        and isinstance(value, int)
        and not isinstance(value, bool)
        and value >= 0
    }
    return seeds.pop() if len(seeds) == 1 else None
