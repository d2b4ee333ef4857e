"""The exercises of the notebook on scoring with dot products."""

import math

import torch
from torch import Tensor

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, exercise, shown
from .watching import Watch


@exercise
def distance_scores(answer: Answer) -> None:
    """Scores that lead to the same weights as −½‖q − k‖²."""
    generator = torch.Generator().manual_seed(0)
    cases = [
        (torch.tensor([[0.0]]), torch.tensor([[1.0], [2.0]])),
        (torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 1.0]])),
        (torch.randn(2, 3, generator=generator), torch.randn(4, 3, generator=generator)),
    ]
    for queries, keys in cases:
        watch = Watch()
        trial = Trial(watch.over(answer), queries=queries, keys=keys)
        trial.has_shape(len(queries), len(keys))
        came = trial.result.double().softmax(dim=1)
        for i, q in enumerate(queries):
            powers = [math.exp(-0.5 * ((q - k) ** 2).sum().item()) for k in keys]
            for j, power in enumerate(powers):
                wanted = power / sum(powers)
                if not abs(came[i, j].item() - wanted) < 1e-4:
                    words = _(
                        "query {i} gives key {j} the weight {came}, and by distance it has {wanted}"
                    )
                    numbers = {"came": shown(came[i, j]), "wanted": shown(wanted)}
                    raise trial.wrong(words.format(i=i, j=j, **numbers))
        if any("dist" in operation for operation in watch.operations):
            words = _(
                "it measures distances, and needs only dot products and the lengths of the keys"
            )
            raise trial.wrong(words)
        _holds_nothing_of_one_query(trial, queries, keys)


def _holds_nothing_of_one_query(trial: Trial, queries: Tensor, keys: Tensor) -> None:
    """Refuse −½‖q − k‖² itself, whose −½‖q‖² is neither a dot product nor a key's length."""
    needed = queries @ keys.T - (keys**2).sum(dim=1) / 2
    half_squares = (queries**2).sum(dim=1) / 2
    off = trial.result.to(needed) - needed
    if half_squares.any() and torch.allclose(off, -half_squares[:, None], atol=1e-3):
        i = int(half_squares.argmax())
        words = _(
            "the weights are right, but each score of query {i} also holds −‖q‖²/2 = {off}: use only "
            "dot products and the lengths of the keys"
        )
        raise trial.wrong(words.format(i=i, off=shown(-half_squares[i])))


@exercise
def only_key_3(answer: object) -> None:
    """In the live figure, query 2 sees only key 3, by moving the queries alone."""
    goals.reach(answer, free=["Q"])


@exercise
def matrix_between(answer: Answer) -> None:
    """The matrix M for which qᵀMk is the score of `MultiplicativeAttention`."""
    generator = torch.Generator().manual_seed(0)
    for h, query_size, key_size in ((1, 1, 1), (1, 2, 1), (4, 2, 3)):
        W_q = torch.randn(h, query_size, generator=generator).mul(2).round()
        W_k = torch.randn(h, key_size, generator=generator).mul(2).round() + 1
        wanted = torch.zeros(query_size, key_size)
        for a in range(query_size):
            for b in range(key_size):
                # The score of two vectors that are 1 at one place and 0 elsewhere.
                wanted[a, b] = sum(W_q[c, a] * W_k[c, b] for c in range(h)) / math.sqrt(h)
        words = _("M at {at} is {came} and should be {wanted}")
        Trial(answer, W_q=W_q, W_k=W_k).is_near(wanted, words)
