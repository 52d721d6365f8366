"""Trains the network; run by train.py in an environment that has torch.

Usage: fit.py DATA.npz OUT.npz [--epochs N] [--folds 0,1,2,3,4,-1]

A relational graph network (Schlichtkrull et al., "Modeling Relational Data with Graph
Convolutional Networks", 2018): three layers, eight relations, mean over neighbours; a score per
op and category, pooled by softmax over the function's ops, so that the weights say which ops spoke.
"""

import argparse
import math
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

HIDDEN = 64
LAYERS = 3
RELATIONS = 8
SEED = 20261123
BATCH_NODES = 6_000
PAIRS_A_STEP = 6


class Layer(nn.Module):
    """One round of messages."""

    def __init__(self) -> None:
        super().__init__()
        self.own = nn.Linear(HIDDEN, HIDDEN)
        self.relations = nn.Linear(HIDDEN, RELATIONS * HIDDEN, bias=False)
        self.norm = nn.LayerNorm(HIDDEN)

    def forward(self, nodes, batch):
        """Return the nodes after one round."""
        sent = self.relations(nodes).view(-1, HIDDEN)
        sent = sent[batch["sources"] * RELATIONS + batch["kinds"]] * batch["weights"][:, None]
        got = torch.zeros_like(nodes).index_add_(0, batch["targets"], sent)
        return self.norm(nodes + functional.relu(self.own(nodes) + got))


class Network(nn.Module):
    """Ops to logits by category."""

    def __init__(self, sizes, flags, facts, categories) -> None:
        super().__init__()
        self.words = nn.ModuleList(nn.Embedding(size, HIDDEN) for size in sizes)
        for table in self.words:
            nn.init.normal_(table.weight, std=0.3)
        self.flags = nn.Linear(flags, HIDDEN)
        self.facts = nn.Linear(facts, HIDDEN, bias=False)
        self.first = nn.LayerNorm(HIDDEN)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.score = nn.Linear(HIDDEN, categories)
        self.prior = nn.Linear(facts, categories)

    def forward(self, batch, drop=0.0):
        """Return logits [graphs, categories]."""
        words = sum(table(batch["words"][:, at]) for at, table in enumerate(self.words))
        facts = self.facts(batch["facts"])[batch["graph"]]
        nodes = self.first(words + self.flags(batch["flags"]) + facts)
        nodes = functional.dropout(nodes, drop, self.training)
        for layer in self.layers:
            nodes = layer(nodes, batch)
            nodes = functional.dropout(nodes, drop, self.training)
        scores = self.score(nodes).clamp(-15, 15)
        grown = scores.exp()
        graphs = batch["facts"].shape[0]
        total = torch.zeros(graphs, scores.shape[1]).index_add_(0, batch["graph"], grown)
        share = grown / total[batch["graph"]]
        pooled = torch.zeros_like(total).index_add_(0, batch["graph"], share * scores)
        return pooled + self.prior(batch["facts"])


class Graphs:
    """All functions, flat, with the place where each begins."""

    def __init__(self, data) -> None:
        self.data = {key: data[key] for key in data.files}
        self.node = np.concatenate([[0], np.cumsum(self.data["node_counts"])])
        self.edge = np.concatenate([[0], np.cumsum(self.data["edge_counts"])])

    def batch(self, rows):
        """Return several functions as one graph of torch tensors."""
        d = self.data
        words, flags, edges, graph, shift = [], [], [], [], 0
        for at, row in enumerate(rows):
            low, high = self.node[row], self.node[row + 1]
            words.append(d["words"][low:high])
            flags.append(d["flags"][low:high])
            some = d["edges"][self.edge[row] : self.edge[row + 1]].astype(np.int64)
            edges.append(some + np.array([shift, shift, 0]))
            graph.append(np.full(high - low, at))
            shift += high - low
        edge = np.concatenate(edges)
        key = edge[:, 1] * RELATIONS + edge[:, 2]
        count = np.bincount(key, minlength=shift * RELATIONS)
        return {
            "words": torch.from_numpy(np.concatenate(words).astype(np.int64)),
            "flags": torch.from_numpy(np.concatenate(flags).astype(np.float32)),
            "sources": torch.from_numpy(edge[:, 0]),
            "targets": torch.from_numpy(edge[:, 1]),
            "kinds": torch.from_numpy(edge[:, 2]),
            "weights": torch.from_numpy((1 / count[key]).astype(np.float32)),
            "graph": torch.from_numpy(np.concatenate(graph)),
            "facts": torch.from_numpy(d["facts"][rows].astype(np.float32)),
        }


def batches(graphs, rows, chance):
    """Yield rows in batches of about as many nodes."""
    some, size = [], 0
    for row in chance.permutation(rows):
        some.append(row)
        size += graphs.data["node_counts"][row]
        if size >= BATCH_NODES:
            yield np.array(some)
            some, size = [], 0
    if some:
        yield np.array(some)


def pairs_of(data, rows):
    """Return (faulty row, twin row, category) of pairs among rows."""
    chosen = set(rows.tolist())
    sides = {}
    for row in np.flatnonzero(data["pair"] >= 0):
        if row in chosen:
            sides.setdefault(int(data["pair"][row]), {})[bool(data["faulty"][row])] = row
    found = [
        (side[True], side[False], int(np.flatnonzero(data["labels"][side[True]] == 1)[0]))
        for side in sides.values()
        if len(side) == 2
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def train(graphs, rows, epochs, seed):
    """Train one network on some rows."""
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    data = graphs.data
    sizes = [int(size) for size in data["sizes"]]
    net = Network(sizes, data["flags"].shape[1], data["facts"].shape[1], data["labels"].shape[1])
    yes, no = ((data["labels"][rows] == value).sum(0) for value in (1, 0))
    lift = torch.from_numpy(np.sqrt(no / np.maximum(yes, 1)).clip(1, 12).astype(np.float32))
    pairs = pairs_of(data, rows)
    net.train()
    steps = sum(1 for _ in batches(graphs, rows, np.random.default_rng(0))) * epochs
    best = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    plan = torch.optim.lr_scheduler.OneCycleLR(best, 3e-3, total_steps=steps + epochs)
    for epoch in range(epochs):
        start, losses = time.time(), []
        for some in batches(graphs, rows, chance):
            drawn = pairs[chance.integers(0, len(pairs), PAIRS_A_STEP)] if len(pairs) else pairs
            both = np.concatenate([some, drawn[:, 0], drawn[:, 1]])
            logits = net(graphs.batch(both), 0.1)
            truth = torch.from_numpy(data["labels"][both].astype(np.float32))
            known = (truth >= 0).float()
            loss = (
                functional.binary_cross_entropy_with_logits(
                    logits, truth.clamp(0), known, reduction="sum", pos_weight=lift
                )
                / known.sum()
            )
            if len(drawn):
                at, size = torch.from_numpy(drawn[:, 2]), len(some)
                count = torch.arange(len(drawn))
                gap = logits[size + count, at] - logits[size + len(drawn) + count, at]
                loss = loss + 0.3 * functional.softplus(2 - gap).mean()
            best.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            best.step()
            plan.step()
            losses.append(loss.item())
        print(f"  epoch {epoch} loss {np.mean(losses):.4f} {time.time() - start:.1f} s", flush=True)
    return net.eval()


def answers(net, graphs, rows):
    """Return logits of rows."""
    found = np.zeros((len(rows), graphs.data["labels"].shape[1]), dtype=np.float32)
    with torch.no_grad():
        for low in range(0, len(rows), 128):
            found[low : low + 128] = net(graphs.batch(rows[low : low + 128])).numpy()
    return found


def main() -> int:
    """Train one network per fold and one on everything; write weights and answers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--folds", default="0,1,2,3,4,-1", help="which to hold out; -1: none")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    graphs = Graphs(np.load(asked.data))
    fold = graphs.data["fold"]
    out = {"logits": np.full(graphs.data["labels"].shape, math.nan, dtype=np.float32)}
    for held in map(int, asked.folds.split(",")):
        rows = np.flatnonzero(fold != held)
        print(f"fold {held}: {len(rows)} functions", flush=True)
        net = train(graphs, rows, asked.epochs, SEED + held)
        if held >= 0:
            rest = np.flatnonzero(fold == held)
            out["logits"][rest] = answers(net, graphs, rest)
        for name, value in net.state_dict().items():
            out[f"{held}/{name}"] = value.numpy()
        np.savez(asked.out, **out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
