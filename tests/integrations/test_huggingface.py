"""Hugging Face: the trainer's callback records what was trained, on what, and what came out."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

transformers = pytest.importorskip("transformers", reason="`make integrations` has transformers")

from diptych.app.verbs.runs import list_runs  # noqa: E402
from diptych.app.workspace import Workspace  # noqa: E402
from diptych.models.integrations.book import NothingSaved  # noqa: E402
from diptych.models.integrations.huggingface import recorder  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def _torch() -> Any:
    try:
        import torch
    except (ImportError, OSError):
        pytest.skip("no build of torch that runs without a GPU")
    return torch


def _trainer(folder: Path, callback: Any) -> Any:
    torch = _torch()
    config = transformers.BertConfig(
        vocab_size=16,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        num_labels=2,
    )
    transformers.set_seed(7)
    rows = [
        {"input_ids": torch.tensor([n % 16, 3, 5]), "labels": torch.tensor(n % 2)}
        for n in range(16)
    ]
    settings = transformers.TrainingArguments(
        output_dir=str(folder / "out"),
        max_steps=4,
        per_device_train_batch_size=4,
        logging_steps=2,
        seed=7,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
    )
    return transformers.Trainer(
        model=transformers.BertForSequenceClassification(config),
        args=settings,
        train_dataset=rows,
        callbacks=[callback],
    )


def test_training_is_recorded_with_its_model(book: Workspace, tmp_path: Path) -> None:
    callback = recorder(book, data=["data.csv"], save="model")
    _trainer(tmp_path, callback).train()
    (run,) = list_runs(book)
    document = run.document
    assert (document.status, document.seed) == ("completed", 7)
    assert document.params["max_steps"] == 4
    assert document.params["model"].endswith("BertForSequenceClassification")  # type: ignore[union-attr]
    assert document.notes["step"] == 4
    assert "train_loss" in document.notes
    assert [one.reference for one in document.inputs] == ["data.csv"]
    assert [one.name for one in document.outputs] == ["model"]
    assert Path("model/model.safetensors").is_file()
    assert book.verify("model").answer("untampered").status == "proven"


def test_trained_model_can_be_published(book: Workspace, tmp_path: Path) -> None:
    callback = recorder(book, data=["data.csv"], save="model", model="tiny")
    _trainer(tmp_path, callback).train()
    (made, ran) = book.records(limit=2)
    assert made.statement.model is not None
    assert (made.name, made.statement.model.version) == ("tiny", 1)
    relations = [(e.relation, e.record and e.record.hex()) for e in made.statement.edges]
    assert ("generated", ran.record) in relations


def test_equal_seeds_give_equal_digests(book: Workspace, tmp_path: Path) -> None:
    for _ in range(2):
        _trainer(tmp_path, recorder(book, save="model")).train()
    roots = [run.document.outputs[0].root for run in list_runs(book)]
    assert roots[0] == roots[1]


def test_training_that_failed_is_recorded_when_the_next_begins(
    book: Workspace, tmp_path: Path
) -> None:
    callback = recorder(book)
    trainer = _trainer(tmp_path, callback)
    rows, trainer.train_dataset = trainer.train_dataset, [{"labels": 1}] * 8
    with pytest.raises((ValueError, KeyError, TypeError)):
        trainer.train()
    trainer.train_dataset = rows
    trainer.train()
    assert [run.document.status for run in list_runs(book)] == ["completed", "failed"]


def test_callback_alone(book: Workspace) -> None:
    """What the trainer calls, without torch."""
    callback = recorder(book, data=["data.csv"], save="model")
    assert isinstance(callback, transformers.TrainerCallback)
    settings = SimpleNamespace(seed=7, max_steps=2, learning_rate=0.1)
    state = SimpleNamespace(global_step=2, is_world_process_zero=True)
    model = SimpleNamespace(save_pretrained=_save)
    callback.on_train_begin(settings, state, None, model=model)
    callback.on_log(settings, state, None, logs={"loss": 0.5})
    callback.on_train_end(settings, state, None, model=model)
    document = list_runs(book)[0].document
    assert dict(document.notes) == {"loss": 0.5, "step": 2}
    assert [one.name for one in document.outputs] == ["model"]
    callback.on_train_end(settings, state, None, model=model)  # a second end changes nothing
    assert len(list_runs(book)) == 1


def _save(path: Path) -> None:
    path.mkdir()
    (path / "weights").write_text("1")


def test_model_without_a_place_to_save_it_is_refused_before_the_training(book: Workspace) -> None:
    with pytest.raises(NothingSaved):
        recorder(book, model="m")
    assert recorder(book, model="m", save="m")
