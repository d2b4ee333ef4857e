"""The exercises of the notebook on masks and minibatches."""

import torch

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, exercise


@exercise
def causal_lens(answer: Answer) -> None:
    """The lengths of a causal mask over padded sentences: no later word, and no padding."""
    for lens, num_queries in (([2], 3), ([3, 1], 2), ([0, 4, 5], 5)):
        trial = Trial(answer, valid_lens=torch.tensor(lens), num_queries=num_queries)
        trial.has_shape(len(lens), num_queries)
        for b, length in enumerate(lens):
            for i in range(num_queries):
                came, wanted = trial.result[b, i].item(), min(i + 1, length)
                if came != wanted:
                    words = _(
                        "query {i} of example {b} sees {came:g} keys, and should see {wanted}"
                    )
                    raise trial.wrong(words.format(i=i, b=b, came=came, wanted=wanted))


@exercise
def window_softmax(answer: Answer) -> None:
    """Softmax over the last keys before each query's valid length."""
    generator = torch.Generator().manual_seed(0)
    for X, lens, window in (
        (torch.tensor([[[1.0, 2.0, 0.0]]]), [[3]], 2),
        (torch.tensor([[[1.0, 2.0, 0.0]]]), [[1]], 2),
        (torch.zeros(1, 2, 3), [[2, 0]], 1),
        (torch.randn(2, 2, 3, generator=generator), [[1, 3], [0, 2]], 2),
        # A large negative number is no mask: these scores are below it.
        (torch.tensor([[[-2e6, -2e6, 0.0]]]), [[2]], 2),
        (torch.tensor([[[0.0, -1e30, -1e30]]]), [[3]], 2),
    ):
        trial = Trial(answer, X=X, valid_lens=torch.tensor(lens), window=window)
        trial.has_shape(*X.shape)
        wanted = torch.zeros(X.shape, dtype=torch.float64)
        for b, row_lens in enumerate(lens):
            for i, length in enumerate(row_lens):
                seen = range(max(0, length - window), length)
                wanted[b, i, seen] = X[b, i, seen].double().softmax(dim=0)
                for j in range(X.shape[2]):
                    _is_hidden_or_seen(trial, (b, i, j), j in seen)
        trial.is_near(wanted, _("the weight at {at} is {came}, and should be {wanted}"))


def _is_hidden_or_seen(trial: Trial, at: tuple[int, int, int], seen: bool) -> None:
    (b, i, j), weight = at, trial.result[at].item()
    if not seen and weight != 0:
        words = _(
            "key {j} is hidden from query {i} of example {b}, and yet its weight is {weight:.4g}"
        )
        raise trial.wrong(words.format(i=i, j=j, b=b, weight=weight))
    if seen and weight == 0:
        words = _("query {i} of example {b} may see key {j}, and gives it no weight")
        raise trial.wrong(words.format(i=i, j=j, b=b))


@exercise
def running_average(answer: object) -> None:
    """In the live figure, each query averages the values up to its own and sees nothing after."""
    weights = goals.reach(answer, free=["valid_lens", "Q", "K", "temperature"])
    goals.nothing_after(weights)
