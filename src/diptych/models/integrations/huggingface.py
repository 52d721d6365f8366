"""Hugging Face: a callback for `transformers.Trainer`.

    from diptych.models.integrations.huggingface import recorder
    trainer.add_callback(recorder(book, data=["train.jsonl"], save="model"))

The run begins and ends with `trainer.train()`. What the trainer logs becomes notes; the weights are
saved as safetensors and sealed.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from diptych.core.errors import UsageError
from diptych.models.integrations.book import Book, RecordedRun, Reference, require_saved, short

_MAX_NOTES = 200
_ARGUMENTS = (
    *("learning_rate", "num_train_epochs", "max_steps", "per_device_train_batch_size"),
    *("gradient_accumulation_steps", "weight_decay", "warmup_steps", "lr_scheduler_type", "optim"),
    *("max_grad_norm", "fp16", "bf16", "full_determinism"),
)


def recorder(
    book: Book,
    *,
    data: Sequence[Reference] = (),
    save: Reference | None = None,
    model: str | None = None,
    activity: str = "train",
) -> Any:
    """Return a `TrainerCallback` that records the training as a run.

    Args:
        book: workspace.
        data: paths or references of what is trained on.
        save: folder for the trained model, written by `save_pretrained`.
        model: publish it as the next version of the model of this name; needs `save`.
        activity: name of the run.

    Raises:
        NothingSaved: `model` without `save`.
    """
    require_saved(model, save)
    recording = _Recording(book, _Plan(tuple(data), save, model, activity))
    base: Any = import_module("transformers").TrainerCallback

    # The class is made here because its base is imported only now.
    class Recorder(base):  # type: ignore[misc]
        """Tells diptych what the trainer does."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            recording.begin(args, more.get("model"))

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any
        ) -> None:
            recording.log(logs or {}, int(state.global_step))

        def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            recording.end(more.get("model"), is_world_zero=bool(state.is_world_process_zero))

    return Recorder()


@dataclass(frozen=True)
class _Plan:
    """What to record, as `recorder` takes it."""

    data: tuple[Reference, ...]
    save: Reference | None
    model: str | None
    activity: str


class _Recording:
    """The run behind a callback; a training that raises leaves it open, see `begin`."""

    def __init__(self, book: Book, plan: "_Plan") -> None:
        self._book = book
        self._plan = plan
        self._run: RecordedRun | None = None
        self._notes: dict[str, Any] = {}

    def begin(self, args: Any, model: Any) -> None:
        """Open a run; one that is still open was left by an error and is recorded as failed."""
        self.fail()
        said = {name: _plain(getattr(args, name, None)) for name in _ARGUMENTS}
        said["model"] = f"{type(model).__module__}.{type(model).__qualname__}"
        seed = getattr(args, "seed", None)
        run = self._book.run(self._plan.activity, params=said, seed=seed)
        run.__enter__()
        self._run, self._notes = run, {}
        for one in self._plan.data:
            run.use(one)

    def log(self, logs: Mapping[str, Any], step: int) -> None:
        """Keep the newest value of everything that is logged."""
        for name, value in logs.items():
            if len(self._notes) < _MAX_NOTES or name in self._notes:
                self._notes[name] = _plain(value)
        self._notes["step"] = step

    def end(self, model: Any, *, is_world_zero: bool) -> None:
        """Save the model and close the run; in a distributed training only once."""
        run, self._run = self._run, None
        if run is None:
            return
        with ExitStack() as ending:
            ending.push(run.__exit__)  # it was entered when the training began
            run.note(**self._notes)
            if self._plan.save is not None and is_world_zero and model is not None:
                path = run.produce(self._plan.save, model=self._plan.model)
                model.save_pretrained(Path(path))

    def fail(self) -> None:
        """Close a run that an error left open."""
        run, self._run = self._run, None
        if run is not None:
            error = TrainingEnded("the training ended without `on_train_end`")
            run.__exit__(type(error), error, None)


class TrainingEnded(UsageError):
    """A training that was recorded ended with an error of which the callback was not told."""

    code = "Huggingface.TrainingEnded"


def _plain(value: Any) -> Any:
    value = getattr(value, "value", value)  # the trainer's settings are enumerations
    return short(value) if isinstance(value, str | int | float | bool) else None
