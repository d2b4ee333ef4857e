"""The exercises of the notebook on scoring with dot products."""

import math

import torch

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, exercise, shown


@exercise
def distance_scores(answer: Answer) -> None:
    """Scores that lead to the same weights as −½‖q − k‖²."""
    generator = torch.Generator().manual_seed(0)
    cases = [
        (torch.tensor([[0.0]]), torch.tensor([[1.0], [2.0]])),
        (torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 1.0]])),
        (torch.randn(3, 4, generator=generator), torch.randn(5, 4, generator=generator)),
    ]
    for queries, keys in cases:
        trial = Trial(answer, queries=queries, keys=keys)
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
