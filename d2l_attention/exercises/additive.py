"""The exercises of the notebook on additive attention."""

import math

import torch

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, exercise
from .watching import Watch


@exercise
def lean_scores(answer: Answer) -> None:
    """Additive scores of all queries and keys, without a tensor of queries × keys × hiddens."""
    _scores_are_right(answer, *([[x]] for x in (0.5, 0.25, 1.0, 2.0, 3.0)))
    generator = torch.Generator().manual_seed(0)
    shapes = ((2, 3), (3, 2), (2, 3), (2, 2), (1, 2))
    _scores_are_right(answer, *(torch.randn(s, generator=generator).tolist() for s in shapes))
    shapes = ((3, 1), (3, 1), (4, 1), (4, 1), (1, 4))
    arguments = [torch.randn(s, generator=generator).tolist() for s in shapes]
    trial, made = _scores_are_right(answer, *arguments)
    enough = 3 * 4  # one query beside all keys, and no less than any argument or the result
    if made > enough:
        words = _("it makes a tensor of {made} numbers, where {enough} are enough")
        raise trial.wrong(words.format(made=made, enough=enough))


def _scores_are_right(answer: Answer, *arguments: list[list[float]]) -> tuple[Trial, int]:
    names = ("queries", "keys", "W_q", "W_k", "w_v")
    watch = Watch()
    tensors = dict(zip(names, map(torch.tensor, arguments), strict=True))
    trial = Trial(watch.over(answer), **tensors)
    queries, keys, W_q, W_k, (w_v,) = arguments
    scores = [
        [
            sum(
                v * math.tanh(_dot(row_q, query) + _dot(row_k, key))
                for v, row_q, row_k in zip(w_v, W_q, W_k, strict=True)
            )
            for key in keys
        ]
        for query in queries
    ]
    words = _("the score of query {i} and key {j} is {came} and should be {wanted}")
    trial.is_near(torch.tensor(scores, dtype=torch.float64), words)
    return trial, watch.largest


def _dot(x: list[float], y: list[float]) -> float:
    return sum(a * b for a, b in zip(x, y, strict=True))


@exercise
def like_with_like(answer: object) -> None:
    """In the live figure, each query attends to the key of its own sign, by the parameters."""
    goals.reach(answer, free=["W_q", "W_k", "w_v"])
