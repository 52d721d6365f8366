"""One callback in an existing Hugging Face training; the model is tiny and built here.

Run by `make integrations`.
"""

import os
import tempfile
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

import diptych
from diptych.app.verbs.runs import find_run
from diptych.models.integrations.huggingface import recorder

with tempfile.TemporaryDirectory() as scratch:
    os.environ["DIPTYCH_KEYS__PASSPHRASE"] = "only for this example"
    folder = Path(scratch)
    os.chdir(folder)
    book = diptych.create(folder)
    Path("rows.txt").write_text("\n".join(f"{n % 16} {n % 2}" for n in range(32)))

    pairs = [line.split() for line in Path("rows.txt").read_text().splitlines()]
    rows = [{"input_ids": torch.tensor([int(a)]), "labels": torch.tensor(int(b))} for a, b in pairs]
    size = {"vocab_size": 16, "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    trainer = Trainer(
        model=BertForSequenceClassification(BertConfig(num_hidden_layers=1, **size)),
        args=TrainingArguments(
            "out", max_steps=5, seed=7, use_cpu=True, report_to=[], save_strategy="no"
        ),
        train_dataset=rows,
    )
    trainer.add_callback(recorder(book, data=["rows.txt"], save="model"))  # the one line
    trainer.train()

    run = find_run(book, "model").document
    print(f"{run.activity} {run.status}, seed {run.seed}, loss {run.notes['train_loss']:.3f}")
    print("used", [one.reference for one in run.inputs], "made", [one.name for one in run.outputs])
