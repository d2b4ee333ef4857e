"""The exercises of the notebook on seeing attention."""

import math

import torch

from ..language import gettext as _
from .checking import Answer, Trial, exercise


@exercise
def look_back(answer: Answer) -> None:
    """Weights of n queries over n keys: each looks at the key before its own, the first nowhere."""
    for n in (1, 2, 6):
        trial = Trial(answer, n=n)
        trial.has_shape(n, n)
        weights = trial.result.float()
        if weights[0].any():
            raise trial.wrong(_("query 0 has nothing before it, and yet its row is not all zeros"))
        for i in range(1, n):
            if weights[i, i - 1] != 1:
                words = _("query {i} does not look at key {j}: that weight is {weight:.4g}")
                weight = weights[i, i - 1].item()
                raise trial.wrong(words.format(i=i, j=i - 1, weight=weight))
        at_others = weights - torch.diag(torch.ones(n - 1), -1)
        if at_others.any():
            i, j = at_others.nonzero()[0].tolist()
            raise trial.wrong(_("query {i} also looks at key {j}").format(i=i, j=j))


@exercise
def spread(answer: Answer) -> None:
    """The number of keys that each query looks at: the exponential of its weights' entropy."""
    generator = torch.Generator().manual_seed(0)
    for weights in (
        torch.tensor([[0.9, 0.1]]),
        torch.tensor([[0.5, 0.5, 0.0]]),
        torch.eye(3),
        torch.full((1, 5), 0.2),
        torch.rand(3, 4, generator=generator).softmax(dim=-1),
    ):
        # exp(−Σ α ln α) = Π α^−α
        wanted = [math.prod(weight**-weight for weight in row) for row in weights.tolist()]
        words = _("for query {i} it gives {came} keys, and should give {wanted}")
        Trial(answer, weights=weights).is_near(torch.tensor(wanted), words)
