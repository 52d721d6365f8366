"""The guard of MLflow: `load_model` gets files that were compared with the log, or nothing.

MLflow has no public hook between fetching a model and reading it, so two of its own functions are
replaced in every module that holds them. `guard` proves on the spot that `load_model` comes this
way, and refuses to be installed where it does not: a guard that guards nothing would be worse.
"""

import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from diptych.core.errors import DiptychError, EnvironmentFault, UsageError, VerificationError
from diptych.models.integrations.book import Book

PREFIX = "mlflow/"
"""Models are recorded under this and MLflow's id, `m-…`."""
_OWN_NOTE = "registered_model_meta"
"""MLflow writes this file into the folder of a registered model whenever it is loaded."""
_DOWNLOAD = ("mlflow.tracking.artifact_utils", "_download_artifact_from_uri")
_SETTINGS = ("mlflow.utils.model_utils", "_get_flavor_configuration_from_uri")
_MANIFEST = "MLmodel"
_ID = re.compile(r"m-[0-9a-f]{32}")
_STATED_ID = re.compile(r"^model_id: *'?(m-[0-9a-f]{32})'? *$", re.MULTILINE)
_MAX_MANIFEST_BYTES = 1 << 20


class ModelSwapped(VerificationError):
    """A model's files differ from those that were recorded, so it is not loaded."""

    code = "Mlflow.ModelSwapped"


class ModelNotRecorded(UsageError):
    """A model that was never recorded is to be loaded, and the guard lets only recorded ones in."""

    code = "Mlflow.NotRecorded"


class GuardUnsupported(EnvironmentFault):
    """This version of MLflow loads models in a way that the guard does not know."""

    code = "Mlflow.Unsupported"


def fetched(fetch: Callable[..., str], uri: str, folder: Path, **named: Any) -> Path:
    """Copy a model's files into an empty folder, without MLflow's own note."""
    folder.mkdir(parents=True, exist_ok=True)
    return _copied(Path(fetch(uri, str(folder), **named)), folder)


def _copied(place: Path, folder: Path) -> Path:
    if not place.resolve().is_relative_to(folder.resolve()):
        place = Path(shutil.copytree(place, folder / "model"))
    (place / _OWN_NOTE).unlink(missing_ok=True)
    return place


class Guard:
    """What `guard` installed; `remove` takes it out again, as does the end of a `with` block."""

    def __init__(self, book: Book, *, allow_unrecorded: bool) -> None:
        self._book = book
        self._allow_unrecorded = allow_unrecorded
        self._copies: list[tempfile.TemporaryDirectory[str]] = []
        self._replaced: list[tuple[str, Any, Any]] = []
        self._probe = f"models:/m-{secrets.token_hex(16)}"
        self._reached = False

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()

    def install(self) -> None:
        """Put the check into every module that fetches models, and prove that it is asked.

        Raises:
            GuardUnsupported: `load_model` would not come by.
        """
        load_model = import_module("mlflow.pyfunc").load_model
        real, settings = _own(*_DOWNLOAD), _own(*_SETTINGS)

        checked = partial(self._fetch, real)

        def of_checked(model_uri: str, *rest: Any, **named: Any) -> Any:
            """Read a flavour's settings from a checked copy, not from the store beside it."""
            return settings(checked(model_uri), *rest, **named)

        self._replaced = [(_DOWNLOAD[1], real, checked), (_SETTINGS[1], settings, of_checked)]
        for name, before, after in self._replaced:
            _replace(name, before, after)
        self._require_reached(load_model)

    def _require_reached(self, load_model: Callable[..., Any]) -> None:
        try:
            load_model(self._probe)
        except Exception as error:  # what the guard raised, as MLflow passes it on
            cause: Exception | None = error
        else:
            cause = None
        if not self._reached:
            self.remove()
            raise GuardUnsupported(
                f"{_version()} loads models past the guard, so they cannot be checked",
                hint=_HINT,
            ) from cause

    def remove(self) -> None:
        """Take the check out again, also where it was imported since, and delete the copies."""
        for name, before, after in self._replaced:
            _replace(name, after, before)
        self._replaced.clear()
        for copy in self._copies:
            copy.cleanup()
        self._copies.clear()

    def _fetch(
        self,
        real: Callable[..., str],
        artifact_uri: str,
        output_path: str | None = None,
        **named: Any,
    ) -> str:
        """Fetch what a URI names; a model comes as a checked copy of our own.

        What is checked is what is loaded, whoever can write the store.
        """
        uri = str(artifact_uri)
        if uri == self._probe:
            self._reached = True
            raise LookupError("the guard is asked")
        model_id = _model_id(uri)
        if model_id is not None:
            place = fetched(real, uri, Path(output_path or self._copy()), **named)
        else:
            place = Path(real(uri, output_path, **named))
            if not (place / _MANIFEST).exists():
                return str(place)
            place = _copied(place, Path(output_path or self._copy()))
            model_id = _named_id(uri, place)
        self._check(model_id, uri, place)
        return str(place)

    def _copy(self) -> str:
        self._copies.append(tempfile.TemporaryDirectory(prefix="diptych-mlflow-"))
        return self._copies[-1].name

    def _check(self, model_id: str, uri: str, place: Path) -> None:
        try:
            verify_model(self._book, model_id, place)
        except ModelNotRecorded:
            if not self._allow_unrecorded:
                raise
        except ModelSwapped as error:
            raise ModelSwapped(
                f"{uri}: {error.message}", hint=error.hint, **error.details
            ) from None


def guard(book: Book, *, allow_unrecorded: bool = False) -> Guard:
    """Make every `load_model` of MLflow in this process refuse what differs from the log.

    Args:
        book: workspace whose log decides.
        allow_unrecorded: load models that were never recorded too.

    Returns:
        What undoes it.

    Raises:
        GuardUnsupported: this version of MLflow cannot be guarded; nothing is changed.
    """
    made = Guard(book, allow_unrecorded=allow_unrecorded)
    made.install()
    return made


def verify_model(book: Book, model_id: str, place: Path) -> None:
    """Compare files with the recorded model of this id, every byte re-read.

    Raises:
        ModelSwapped: they differ; `details` names the files.
        ModelNotRecorded: there is no such record.
    """
    try:
        book.verify(PREFIX + model_id, path=place)
    except VerificationError as error:
        raise ModelSwapped(
            error.message, hint="do not load it; compare it with a backup", **error.details
        ) from error
    except DiptychError as error:
        if error.code != "Record.Missing":
            raise
        raise ModelNotRecorded(
            f"model {model_id} is not in the log",
            hint="train it inside `with track(book):`, or guard(book, allow_unrecorded=True)",
        ) from error


_HINT = "fetch with mlflow.artifacts.download_artifacts, then verify_model(book, id, folder)"


def unguarded() -> Callable[..., str]:
    """Return MLflow's function that fetches whatever a URI names, without any guard."""
    found = _own(*_DOWNLOAD)
    while isinstance(found, partial):
        (found,) = found.args
    return found


def _own(module: str, name: str) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise GuardUnsupported(
            f"{_version()} has no {module}.{name}, by which the guard comes in", hint=_HINT
        ) from error
    return found


def _version() -> str:
    return f"MLflow {getattr(import_module('mlflow'), '__version__', '?')}"


def _replace(name: str, before: object, after: object) -> None:
    for module in list(sys.modules.values()):
        members = getattr(module, "__dict__", {})
        if members.get(name) is before:
            setattr(module, name, after)


def _model_id(uri: str) -> str | None:
    """Return the id of the model that a whole-model URI names, None for anything else."""
    client = import_module("mlflow").MlflowClient()
    kind, _, rest = uri.partition(":/")
    rest = rest.strip("/")
    if kind == "models":
        return _registered(client, rest)
    if kind == "runs" and rest.count("/") == 1:
        run_id, _, name = rest.partition("/")
        outputs = getattr(client.get_run(run_id).outputs, "model_outputs", None) or []
        for one in outputs:
            if client.get_logged_model(one.model_id).name == name:
                return str(one.model_id)
    return None


def _named_id(uri: str, place: Path) -> str:
    """Return the id in the path of a model's folder, else the one that its `MLmodel` states."""
    in_path = _ID.findall(uri)
    if in_path:
        return str(in_path[-1])
    with (place / _MANIFEST).open("rb") as stream:
        text = stream.read(_MAX_MANIFEST_BYTES).decode(errors="replace")
    stated = _STATED_ID.findall(text)
    return str(stated[0]) if len(stated) == 1 else uri


def _registered(client: Any, rest: str) -> str | None:
    """Resolve `m-…`, `name/version` or `name@alias`; a path inside a model is none."""
    if rest.startswith("m-"):
        return None if "/" in rest else rest
    name, at, alias = rest.partition("@")
    if at:
        source = client.get_model_version_by_alias(name, alias)
    elif rest.count("/") == 1:
        source = _version_of(client, *rest.split("/"))
    else:
        return None
    text = str(getattr(source, "source", "") or "")
    return text.removeprefix("models:/") if text.startswith("models:/m-") else text or None


def _version_of(client: Any, name: str, version: str) -> Any:
    """Return a version by number, the newest for `latest`, or the newest in a stage."""
    if version.isdigit():
        return client.get_model_version(name, version)
    newest_first = client.search_model_versions(
        f"name='{name}'", max_results=1_000, order_by=["version_number DESC"]
    )
    stage = version.lower()
    fitting = (
        one for one in newest_first if stage in ("latest", str(one.current_stage or "").lower())
    )
    return next(fitting, None)
