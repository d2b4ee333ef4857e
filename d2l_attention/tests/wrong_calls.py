"""Calls that the package refuses: together they raise each of its messages."""

import datetime

import numpy as np
import torch
from torch import nn

from d2l_attention import (
    AdditiveAttention,
    Attention,
    Database,
    DistanceAttention,
    DotProductAttention,
    LiveHeatmaps,
    MultiplicativeAttention,
    explore,
    explore_database,
    explore_plane,
    masked_softmax,
    set_language,
    show_attention,
    show_heatmaps,
    try_gpu,
)
from d2l_attention.checks import check_projection
from d2l_attention.dates import encode, make_dates, write_date
from d2l_attention.exercises import check
from d2l_attention.explorers.plane_explorer import chart_of
from d2l_attention.explorers.predictions import edited
from d2l_attention.language import speaking
from d2l_attention.runs import bounded

DOT, DISTANCE = DotProductAttention(), DistanceAttention()
X = torch.ones(2, 3, 4)  # (batch, num_queries or num_keys, size)
Q, POINTS = torch.ones(3, 4), torch.ones(3, 2)
VARIED = torch.arange(12.0).reshape(1, 3, 4).sin()
LARGE = torch.ones(65, 2)
RECORDS = Database([("Li", 1.0), ("Hu", 2.0)])


class Turned(Attention):
    def score(self, queries, keys):
        return queries[:, :1] @ keys.mT


class Whole(Attention):
    def score(self, queries, keys):
        return (queries @ keys.mT).long()


class Counting(Attention):
    def score(self, queries, keys):
        return queries @ keys.mT * torch.arange(queries.shape[1])[:, None]


class Masking(Attention):
    def forward(self, queries, keys, values, valid_lens=None):
        return super().forward(queries, keys, values, [1])


def attend(attention=DOT, *, queries=X, keys=X, values=X, valid_lens=None):
    return attention(queries, keys, values, valid_lens)


def explorer(*, assign=None, attention=DOT, Q=Q, K=Q, V=Q, lens=None, **options):
    """Make an explorer, then assign to it."""
    explore(attention, Q, K, V, lens, **options).assign(**assign or {})


def database_explorer(database=RECORDS, *, assign=None, **options):
    explore_database(database, **options).assign(**assign or {})


def plane(queries=POINTS, *, assign=None, **options):
    explore_plane(DISTANCE, queries, POINTS, **options).assign(**assign or {})


def chart(attention):
    state = explore_plane(DISTANCE, POINTS, VARIED[0, :, :2]).state
    return chart_of(attention, state, 4, copies=True)


def heatmaps(matrices=X, **options):
    show_heatmaps(matrices, "Keys", "Queries", **options)


def film(*updates):
    live = LiveHeatmaps("Keys", "Queries")
    for matrices in updates:
        live.update(matrices)
    return live


def projected(X, **layer):
    check_projection("queries", X, "W_q", nn.Linear(4, 2, bias=False, **layer))


def speak_klingon():
    with speaking("tlh"):
        pass


CALLS = {
    # Attention.
    "sparse": lambda: attend(keys=X.to_sparse()),
    "a list": lambda: attend(queries=[[[1.0]]]),
    "rank": lambda: attend(queries=Q),
    "integers": lambda: attend(queries=X.long()),
    "batch": lambda: attend(keys=X[:1]),
    "device": lambda: attend(values=X.to("meta")),
    "dtype": lambda: attend(values=X.double()),
    "no features": lambda: attend(queries=X[..., :0], keys=X[..., :0]),
    "rows": lambda: attend(values=X[:, :2]),
    "sizes": lambda: attend(keys=X[..., :2]),
    "no score": lambda: attend(Attention()),
    "shape of a score": lambda: attend(Turned()),
    "dtype of a score": lambda: attend(Whole()),
    "rows of a score": lambda: list(Counting().weights_in_blocks(VARIED, VARIED, rows=1)),
    "size of a projection": lambda: projected(X[..., :2]),
    "device of a projection": lambda: projected(X, device="meta"),
    "dtype of a projection": lambda: projected(X, dtype=torch.float64),
    "hiddens": lambda: AdditiveAttention(0),
    "half a hidden": lambda: AdditiveAttention(2.5),
    "dropout": lambda: DotProductAttention(1.5),
    "dropout in words": lambda: DotProductAttention("much"),
    "M without sizes": lambda: MultiplicativeAttention(2).M,
    "M without weights": lambda: bare_M(),
    "scores": lambda: masked_softmax(Q),
    "lengths in words": lambda: masked_softmax(X, "many"),
    "lengths of booleans": lambda: masked_softmax(X, [True, False]),
    "shape of lengths": lambda: masked_softmax(X, [1, 2, 3]),
    "mask of numbers": lambda: masked_softmax(X, mask=X),
    "mask in words": lambda: masked_softmax(X, mask="many"),
    "shape of a mask": lambda: masked_softmax(X, mask=[True, False]),
    "device of a mask": lambda: masked_softmax(X, mask=(X > 0).to("meta")),
    # The database.
    "no pair": lambda: Database(["Li"]),
    "no text": lambda: Database([(3, "Mu")]),
    "no such key": lambda: RECORDS.exact("Lee"),
    "nothing near": lambda: Database([]).nearest("Li"),
    "nothing to average": lambda: Database([]).attend("Li"),
    "a large integer": lambda: Database([("Ana", 20240305)]).attend("Ana"),
    "names": lambda: Database([("Li", "Mu")]).attend("Li"),
    "query": lambda: RECORDS.weights([3]),
    "query alone": lambda: RECORDS.weights(3),
    "temperature": lambda: RECORDS.weights("Li", 0),
    "temperature in words": lambda: RECORDS.weights("Li", "warm"),
    "k": lambda: RECORDS.top_k("Li", 0),
    # Dates, devices, languages, exercises.
    "style": lambda: write_date(datetime.date(2026, 3, 5), "en", "tiny"),
    "no date": lambda: write_date("2026-03-05", "en", "full"),
    "days": lambda: make_dates(10**6),
    "short rows": lambda: encode(["abc"], "abc", length=2),
    "unknown token": lambda: encode(["abc"], "ab"),
    "device number": lambda: try_gpu(-1),
    "device name": lambda: try_gpu("0"),
    "language": lambda: set_language("tlh"),
    "language within a block": speak_klingon,
    "no answer": lambda: check(),
    "no such number": lambda: bounded(loss=0.5),
    "two numbers": lambda: bounded(additive=0.5, dot_product=0.5),
    "no such exercise": lambda: check(dance=1),
    # Heatmaps.
    "ragged": lambda: heatmaps([[1.0], [1.0, 2.0]]),
    "complex": lambda: heatmaps(torch.ones(2, 2) * 1j),
    "beyond float32": lambda: heatmaps(torch.ones(2, 2).double() * 1e39),
    "vector": lambda: heatmaps([1.0]),
    "titles in one": lambda: heatmaps(titles="ab"),
    "titles": lambda: heatmaps(titles=["a"]),
    "row titles": lambda: heatmaps(row_titles=["a", "b"]),
    "key labels": lambda: heatmaps(key_labels=["a"]),
    "query labels": lambda: heatmaps(query_labels=["a"]),
    "figure size": lambda: heatmaps(figsize=3),
    "colours": lambda: heatmaps(vmin=2, vmax=1),
    "map of a function": lambda: show_attention(torch.softmax, X, X),
    "map of nothing": lambda: show_attention(DOT, X[:, :0], X),
    "pooling": lambda: show_attention(DOT, X, X, pooling="min"),
    "film": lambda: film(Q, POINTS),
    "half a step": lambda: film().update(Q, step=0.5),
    "step back": lambda: film(Q).update(Q, step=1),
    "assigned film": lambda: film(Q).assign(step=1),
    "reset film": lambda: film(Q).reset(),
    "edited film": lambda: film(Q)._edited(None, [("Q", 0, 1.0)], {}),
    # The attention explorer.
    "explored function": lambda: explore(torch.softmax, Q, Q, Q),
    "own forward": lambda: explore(Masking(), Q, Q, Q),
    "step": lambda: explorer(show="all"),
    "list": lambda: explorer(Q=[[1.0]]),
    "no batch": lambda: explorer(K=X),
    "labels of queries": lambda: explorer(query_labels=["a"]),
    "labels of keys": lambda: explorer(key_labels=["a"]),
    "lengths without batch": lambda: explorer(lens=[2]),
    "lengths without batch, in words": lambda: explorer(lens="many"),
    "mask without batch": lambda: explorer(mask=X > 0),
    "goal in words": lambda: explorer(target="high"),
    "shape of a goal": lambda: explorer(target=[1.0]),
    "no goal": lambda: explorer(target=torch.full((3, 3), torch.nan)),
    "goal": lambda: explorer(target=2 * torch.eye(3)),
    "assigned mask": lambda: explorer(mask=[True] * 3, assign={"mask": torch.eye(3) > 0}),
    "assigned list": lambda: explorer(assign={"Q": [1.0]}),
    "assigned large": lambda: explorer(assign={"Q": torch.full((3, 4), 2**24 + 1)}),
    "assigned temperature": lambda: explorer(assign={"temperature": -1}),
    "assigned infinity": lambda: explorer(assign={"temperature": float("inf")}),
    "assigned word": lambda: explorer(assign={"temperature": "warm"}),
    "scoring": lambda: explorer(assign={"scoring": "cosine"}),
    "list of scorings": lambda: explorer(assign={"scoring": ["DotProductAttention"]}),
    "example": lambda: explorer(assign={"batch": 1}),
    "half an example": lambda: explorer(assign={"batch": 0.5}),
    # Predictions.
    "predict": lambda: explorer(predict="scores"),
    "predict much": lambda: explorer(Q=LARGE, K=LARGE, V=LARGE, predict="weights"),
    "shown": lambda: explorer(assign={"shown": 1}),
    "hidden": lambda: explorer(assign={"shown": False}),
    "not asked": lambda: explorer(assign={"prediction": Q}),
    "not asked, edited": lambda: edited(None, {0: 1.0}, None),
    "word": lambda: explorer(predict="output", assign={"prediction": "high"}),
    "shape": lambda: explorer(predict="output", assign={"prediction": [1.0]}),
    "half a row": lambda: explorer(
        predict="output", assign={"prediction": [[1.0, np.nan, 1.0, 1.0]] * 3}
    ),
    "infinite": lambda: explorer(predict="output", assign={"prediction": np.inf * np.ones((3, 4))}),
    "negative": lambda: database_explorer(predict=True, assign={"prediction": [2.0, -1.0]}),
    "sum": lambda: explorer(
        Q=X, K=X, V=X, predict="weights", assign={"prediction": np.ones((2, 3, 3))}
    ),
    # The database explorer, the plane.
    "no database": lambda: explore_database([("Li", 1.0)]),
    "asked number": lambda: database_explorer(query=3),
    "predict two": lambda: database_explorer(predict=2),
    "deleted": lambda: database_explorer(assign={"deleted": "Li"}),
    "deleted stranger": lambda: database_explorer(assign={"deleted": ["Lee"]}),
    "lengths in the plane": lambda: plane(assign={"valid_lens": [1]}),
    "tied values": lambda: plane(assign={"V": POINTS}),
    "points in space": lambda: plane(Q),
    "list of points": lambda: plane([[0.0, 0.0]]),
    "many points": lambda: plane(LARGE),
    "rows of a map": lambda: chart(Counting()),
    "nowhere": lambda: plane(POINTS * np.nan),
    "far away": lambda: plane(POINTS * 1e35),
    "predicted weights in the plane": lambda: plane(predict="weights"),
}


def bare_M():
    attention = MultiplicativeAttention(2, query_size=4, key_size=4)
    attention.W_q = nn.Identity()
    return attention.M
