"""The figures that are photographed: a name, and the code that shows it in a cell of its own.

To add one is to add a line to `LIVE` or `STILL`. What a saved notebook keeps of a live figure
follows by itself.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from playwright.sync_api import Locator

from . import acts


@dataclass(frozen=True)
class Exhibit:
    """A figure: its name, the expression that shows it, and what is done to it for its picture."""

    name: str
    code: str
    act: Callable[[Locator], AbstractContextManager[None]] = acts.none

    @property
    def cell(self) -> str:
        """The code of its cell, whose random numbers are the same whatever ran before."""
        return f"torch.manual_seed(0)\n{self.code}"


# Labels come from readers, and the package does not translate them.
LABELS = {
    "en": {
        "keys": "Keys",
        "queries": "Queries",
        "heads": [f"Head {i}" for i in range(1, 5)],
        "sentences": ["Sentence 1", "Sentence 2"],
        "tokens": ["The", "bank", "of", "the", "river"],
        "padded": ["The", "bank", "closed", "<pad>", "<pad>"],
        "too large": "a query is too large for this score",
    },
    "es": {
        "keys": "Claves",
        "queries": "Consultas",
        "heads": [f"Cabeza {i}" for i in range(1, 5)],
        "sentences": ["Oración 1", "Oración 2"],
        "tokens": ["El", "banco", "junto", "al", "río"],
        "padded": ["El", "banco", "cerró", "<pad>", "<pad>"],
        "too large": "una consulta es demasiado grande para esta puntuación",
    },
}

SETUP = """
import torch
from IPython.display import HTML
from d2l_attention import *
set_language({language!r})
words = {words!r}
keys, queries = words["keys"], words["queries"]

torch.manual_seed(0)
Q, K, V = torch.randn(3, 4), torch.randn(5, 4), torch.randn(5, 2)
X = torch.randn(5, 3)
weights = masked_softmax(3 * torch.randn(8, 10, 10)).unflatten(0, (2, 4))
goal = torch.tensor([[0.9, *[torch.nan] * 4], [torch.nan] * 5, [torch.nan, 0.5, 0.5, 0, 0]])
names = [("Zhang", "Aston"), ("Lipton", "Zachary"), ("Li", "Mu"), ("Smola", "Alex"),
         ("Hu", "Rachel"), ("Werness", "Brent")]
corners = torch.tensor([[-2.0, -1.0], [2.0, -1.5], [1.5, 2.0], [-1.0, 1.5]])
inside = torch.tensor([[0.5, 0.0], [-1.5, 0.5]])


class ManhattanAttention(Attention):
    def score(self, queries, keys):
        if queries.abs().max() > 8:
            raise ValueError(words["too large"])
        return -torch.cdist(queries, keys, p=1)


def having(explorer, **changes):
    for name, value in changes.items():
        setattr(explorer, name, value)
    return explorer


def followed(live, *steps):
    for matrices in steps:
        live.update(matrices)
        live.flush()
    return live


def saved(explorer):
    return HTML(explorer._repr_mimebundle_()[0]["text/html"])
"""

LIVE = [
    Exhibit("explore-dot-product", "explore(DotProductAttention(), Q, K, V)"),
    Exhibit("explore-pointed", "explore(DotProductAttention(), Q, K, V)", acts.pointed),
    Exhibit("explore-opened", "explore(DotProductAttention(), Q, K, V)", acts.opened),
    Exhibit("explore-typed", "explore(DotProductAttention(), Q, K, V)", acts.typed),
    Exhibit(
        "explore-tokens",
        'explore(DotProductAttention(), X, X, X, query_labels=words["tokens"], '
        'key_labels=words["tokens"])',
    ),
    Exhibit(
        "explore-masked",
        'explore(DotProductAttention(), X, X, X, 3, query_labels=words["padded"], '
        'key_labels=words["padded"])',
    ),
    Exhibit("explore-masked-rows", "explore(DotProductAttention(), Q, K, V, [2, 5, 0])"),
    Exhibit(
        "explore-any-mask",
        "explore(DotProductAttention(), Q, K, V, 4, mask=torch.ones(len(Q), len(K)).bool().triu(1))",
        acts.opened,
    ),
    Exhibit("explore-show-weights", 'explore(DotProductAttention(), Q, K, V, show="weights")'),
    Exhibit("explore-show-scores", 'explore(DotProductAttention(), Q, K, V, show="scores")'),
    Exhibit("explore-show-mask", 'explore(DotProductAttention(), Q, K, V, 4, show="mask")'),
    Exhibit(
        "explore-batch",
        "having(explore(DotProductAttention(), torch.randn(8, 4, 3), torch.randn(8, 6, 3), "
        "torch.randn(8, 6, 2), [6, 5, 4, 3, 2, 1, 0, 6]), batch=2)",
    ),
    Exhibit("explore-distance", "explore(DistanceAttention(), Q, K, V)"),
    Exhibit("explore-multiplicative", "explore(MultiplicativeAttention(3), Q, K, V)"),
    Exhibit("explore-additive", "explore(AdditiveAttention(3), Q, K, V)"),
    Exhibit("explore-additive-opened", "explore(AdditiveAttention(3), Q, K, V)", acts.opened),
    Exhibit("explore-own-score", "explore(ManhattanAttention(), Q, K, V)"),
    Exhibit("explore-error", "having(explore(ManhattanAttention(), Q, K, V), Q=9 * Q)"),
    Exhibit("explore-error-at-once", "explore(ManhattanAttention(), 9 * Q, K, V)"),
    Exhibit("explore-goal", "explore(DotProductAttention(), Q, K, V, target=goal)"),
    Exhibit(
        "explore-goal-reached",
        "explore(DotProductAttention(), Q, K, V, "
        "target=explore(DotProductAttention(), Q, K, V).weights)",
    ),
    Exhibit(
        "explore-not-finite",
        "having(explore(DotProductAttention(), Q, K, V), K=K.masked_fill(K > 1.5, torch.inf))",
    ),
    Exhibit(
        "explore-many",
        "explore(DotProductAttention(), torch.randn(24, 8), torch.randn(40, 8), "
        "torch.randn(40, 4))",
    ),
    Exhibit(
        "explore-large",
        "explore(DotProductAttention(), torch.randn(200, 8), torch.randn(300, 8), "
        "torch.randn(300, 4))",
    ),
    Exhibit("predict-weights", 'explore(DotProductAttention(), Q, K, V, predict="weights")'),
    Exhibit(
        "predict-weights-shown",
        'having(explore(DotProductAttention(), Q, K, V, predict="weights"), '
        "prediction=[[0.1, 0.1, 0.1, 0.6, 0.1]] * 3, shown=True)",
    ),
    Exhibit("predict-output", 'explore(DotProductAttention(), Q, K, V, predict="output")'),
    Exhibit(
        "predict-plane-shown",
        'having(explore_plane(DistanceAttention(), inside, corners, predict="output"), '
        "prediction=[[0.5, 0.5], [-1.0, 0.0]], shown=True)",
    ),
    Exhibit("predict-database", 'explore_database(Database(names), "Li", predict=True)'),
    Exhibit("plane-distance", "explore_plane(DistanceAttention(), inside, corners)"),
    Exhibit("plane-dot-product", "explore_plane(DotProductAttention(), inside, corners)"),
    Exhibit("plane-values", "explore_plane(DistanceAttention(), inside, corners, corners.flip(0) / 2)"),
    Exhibit("plane-own-score", "explore_plane(ManhattanAttention(), inside, corners)"),
    Exhibit("database-no-query", "explore_database(Database(names))"),
    Exhibit("database-query", 'explore_database(Database(names), "Li")'),
    Exhibit(
        "database-deleted", 'having(explore_database(Database(names), "Li"), deleted=("Li",))'
    ),
    Exhibit(
        "database-vectors",
        'explore_database(Database([("a", [0.0, 1.0]), ("ab", [2.0, -3.0]), ("abc", [1.5, 0.5])]), '
        '"ab", 0.5)',
    ),
    Exhibit(
        "live-heatmaps",
        'followed(LiveHeatmaps(keys, queries, titles=words["heads"]), '
        "*(masked_softmax(t * torch.randn(4, 10, 10)) for t in range(1, 6)))",
    ),
    Exhibit(
        "live-heatmaps-signed",
        'followed(LiveHeatmaps(keys, queries, titles=words["sentences"], '
        'key_labels=words["tokens"], query_labels=words["tokens"]), '
        "*(t * torch.randn(1, 2, 5, 5) for t in range(1, 6)))",
    ),
]  # fmt: skip

STILL = [
    Exhibit("heatmaps-one", "show_heatmaps(weights[0, 0], keys, queries)"),
    Exhibit(
        "heatmaps-grid",
        'show_heatmaps(weights, keys, queries, titles=words["heads"], '
        'row_titles=words["sentences"])',
    ),
    Exhibit("heatmaps-minibatch", "show_heatmaps(weights[:, 0], keys, queries)"),
    Exhibit("heatmaps-signed", "show_heatmaps(torch.randn(6, 8), keys, queries)"),
    Exhibit(
        "heatmaps-not-finite",
        "show_heatmaps(torch.tensor([[0.5, torch.nan, 0.2], [torch.inf, 0.1, -torch.inf]]), "
        "keys, queries)",
    ),
    Exhibit(
        "heatmaps-labels",
        'show_heatmaps(weights[0, 0, :5, :5], keys, queries, key_labels=words["tokens"], '
        'query_labels=words["tokens"])',
    ),
    Exhibit(
        "heatmaps-pooled",
        "show_heatmaps(masked_softmax(torch.randn(1, 1500, 2000)), keys, queries)",
    ),
    Exhibit("attention-small", "show_attention(DotProductAttention(), Q[None], K[None])"),
    Exhibit(
        "attention-masked",
        "show_attention(DotProductAttention(), torch.randn(2, 6, 4), torch.randn(2, 8, 4), [3, 6])",
    ),
    Exhibit(
        "attention-pooled",
        "show_attention(AdditiveAttention(4), torch.randn(1, 1500, 4), torch.randn(1, 2000, 4))",
    ),
]


def setup(language: str) -> str:
    """The first cell of the notebook in this language."""
    return SETUP.format(language=language, words=LABELS.get(language, LABELS["en"]))


def exhibits(word: str = "") -> list[Exhibit]:
    """List the figures whose name holds a word, what is saved of a live one right after it."""
    found = []
    for live in LIVE:
        found.append(live)
        if live.act is acts.none:
            found.append(Exhibit(f"{live.name}-saved", f"saved({live.code})"))
    return [exhibit for exhibit in [*found, *STILL] if word in exhibit.name]
