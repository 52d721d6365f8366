"""`@book.activity("deidentify")`: every call of a function is a run.

Which arguments are inputs and outputs is said by name, `uses=("src",), produces=("dst",)`. Without
that, parameters called `src` or `source` are inputs and `dst`, `destination` or `target` outputs.
"""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from diptych.app.verbs.run import BadRun, Run
from diptych.app.workspace import Workspace
from diptych.provenance.activity.entry import Entry, function_entry, take_entry
from diptych.provenance.activity.redact import Redactor
from diptych.provenance.activity.values import plain_params

P = ParamSpec("P")
R = TypeVar("R")
USES = ("src", "source")
PRODUCES = ("dst", "destination", "target")
SEED = "seed"


def activity(
    workspace: Workspace,
    name: str,
    *,
    uses: Sequence[str] | None = None,
    produces: Sequence[str] | None = None,
    private: Sequence[str] = (),
    keep_message: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that makes every call a run.

    Args:
        workspace: where the records will stand.
        name: what the function does.
        uses: parameters that name inputs: a path or reference, or a list of them.
        produces: parameters that name outputs: a path, or a list of them.
        private: those among both that are sealed privately.
        keep_message: record the message of an error too, which may hold personal data.

    Raises:
        BadRun: when decorating: the function has no parameter of such a name.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        inputs = _chosen(signature, uses, USES, what="uses")
        outputs = _chosen(signature, produces, PRODUCES, what="produces")
        hidden = _chosen(signature, private, (), what="private")

        @functools.wraps(function)
        def recorded(*positional: P.args, **named: P.kwargs) -> R:
            bound = signature.bind(*positional, **named)
            bound.apply_defaults()
            given = bound.arguments
            entry = _entry(workspace, function, given)
            params = {k: v for k, v in given.items() if k not in (*inputs, *outputs)}
            run = _run(workspace, name, params, entry=entry, keep_message=keep_message)
            with run:
                for key, one in _all(inputs, given):
                    run.use(one, private=key in hidden)
                for key, one in _all(outputs, given):
                    run.produce(one, private=key in hidden)
                return function(*positional, **named)

        return recorded

    return decorate


def _run(
    workspace: Workspace, name: str, params: dict[str, Any], *, entry: Entry, keep_message: bool
) -> Run:
    seed = params.get(SEED)
    return Run(
        workspace,
        name,
        params=params,
        seed=seed if type(seed) is int else None,
        keep_message=keep_message,
        entry=entry,
    )


def _all(names: tuple[str, ...], given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in names:
        for one in _each(given[name]):
            yield name, one


def _chosen(
    signature: inspect.Signature,
    said: Sequence[str] | None,
    usual: tuple[str, ...],
    *,
    what: str,
) -> tuple[str, ...]:
    if said is None:
        return tuple(name for name in usual if name in signature.parameters)
    if isinstance(said, str):
        said = (said,)
    unknown = [name for name in said if name not in signature.parameters]
    if unknown:
        known = ", ".join(signature.parameters)
        raise BadRun(f"{what} names the parameters {unknown}, expected some of {known}")
    return tuple(said)


def _each(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str | os.PathLike) or hasattr(value, "record") else value


def _entry(workspace: Workspace, function: Callable[..., Any], given: dict[str, Any]) -> Entry:
    redactor = Redactor(os.environ, home=str(Path.home()))
    project = workspace.place.project
    started = take_entry(project, redactor)
    name = f"{function.__module__}:{function.__qualname__}"
    plain = plain_params(given, redactor, what="params")
    return function_entry(name, plain, project=project, fallback=started)
