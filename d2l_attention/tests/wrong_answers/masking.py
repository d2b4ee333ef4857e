import math

import torch

from d2l_attention import Attention, DotProductAttention, explore, masked_softmax

from . import wrong


def figure(**assigned):
    """A live figure with three queries and keys and a goal, after these assignments."""
    x = torch.eye(3)
    target = torch.ones(3, 3).tril() / torch.tensor([[1.0], [2.0], [3.0]])
    explorer = explore(DotProductAttention(), x, x, x, torch.tensor([3, 3, 3]), target=target)
    for name, value in assigned.items():
        setattr(explorer, name, value)
    return explorer


class Failing(Attention):
    def score(self, queries, keys):
        raise ValueError("not yet")


def batched():
    """A figure of two examples that have reached the goal, but for zeros that are not exact."""
    x = torch.zeros(2, 3, 3)
    return explore(DotProductAttention(), x, x, x, target=torch.full((2, 3, 3), 1 / 3))


def window_of(shift):
    """Softmax over a window that begins `shift` keys too far to the right."""

    def window_softmax(X, valid_lens, window):
        places, ends = torch.arange(X.shape[-1]), valid_lens[..., None]
        valid = (places < ends) & (places >= ends - window + shift)
        weights = torch.softmax(X.masked_fill(~valid, -math.inf), dim=-1)
        return weights.masked_fill(~valid, 0.0)

    return window_softmax


def not_normalised(X, valid_lens, window):
    places, ends = torch.arange(X.shape[-1]), valid_lens[..., None]
    return X.softmax(dim=-1) * ((places < ends) & (places >= ends - window))


def nan_where_empty(X, valid_lens, window):
    places, ends = torch.arange(X.shape[-1]), valid_lens[..., None]
    valid = (places < ends) & (places >= ends - window)
    return torch.softmax(X.masked_fill(~valid, -math.inf), dim=-1)


def masked_by(number):
    """Softmax over a window whose mask is a large negative number, cleared afterwards."""

    def window_softmax(X, valid_lens, window):
        places, ends = torch.arange(X.shape[-1]), valid_lens[..., None]
        valid = (places < ends) & (places >= ends - window)
        return torch.softmax(X.masked_fill(~valid, number), dim=-1).masked_fill(~valid, 0.0)

    return window_softmax


def cleared_and_divided(X, valid_lens, window):
    weights = not_normalised(X, valid_lens, window)
    return (weights / weights.sum(dim=-1, keepdim=True)).nan_to_num()


# Without a mask: the later keys are far from the query, and their weights are small.
FAR = 60 * torch.tensor([[0.0, -1.0, -1.0], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]])

WRONG = [
    wrong(
        "causal_lens",
        "query 2 of example 0 sees 3 keys, and should see 2",
        lambda lens, n: torch.arange(1, n + 1).expand(len(lens), n),
    ),
    wrong(
        "causal_lens",
        "query 0 of example 0 sees 2 keys, and should see 1",
        lambda lens, n: lens[:, None].expand(len(lens), n),
    ),
    wrong(
        "causal_lens",
        "query 0 of example 0 sees 0 keys, and should see 1",
        lambda lens, n: torch.minimum(lens[:, None], torch.arange(n)),
    ),
    wrong("causal_lens", "shape (1,), and should have (1, 3)", lambda lens, n: lens),
    wrong("causal_lens", "not solved yet", lambda lens, n: None),
    wrong(
        "window_softmax",
        "key 0 is hidden from query 0 of example 0, and yet its weight is 0.2447",
        lambda X, lens, window: masked_softmax(X, lens),
    ),
    wrong("window_softmax", "may see key 1, and gives it no weight", window_of(1)),
    wrong("window_softmax", "key 0 is hidden from query 0 of example 0", window_of(-1)),
    wrong("window_softmax", "(0, 0, 1) is 0.6652, and should be 0.8808", not_normalised),
    wrong(
        "window_softmax",
        "key 0 is hidden from query 1 of example 0, and yet its weight is nan",
        nan_where_empty,
    ),
    wrong(
        "window_softmax",
        "may see key 0, and gives it no weight, for X = [[[-2e+06, -2e+06, 0]]]",
        masked_by(-1e6),
    ),
    wrong("window_softmax", "may see key 1, and gives it no weight", masked_by(-1e9)),
    wrong("window_softmax", "may see key 0, and gives it no weight", cleared_and_divided),
    wrong("running_average", "off by 0.", figure()),
    wrong("running_average", "off by 0.67", figure(temperature=1000.0)),
    wrong("running_average", "off by 0.1", figure(valid_lens=torch.tensor([1, 2, 3]))),
    wrong("running_average", "query 0 gives key 1 a weight of 9", figure(Q=FAR)),
    wrong(
        "running_average",
        "only valid_lens, Q, K, temperature should be changed, and V was too",
        figure(valid_lens=torch.tensor([1, 2, 3]), V=torch.ones(3, 3)),
    ),
    wrong("running_average", "a live figure is needed, not Tensor", torch.eye(3)),
    wrong("running_average", "query 0 gives key 1 a weight of 0.3333", batched()),
    wrong(
        "running_average",
        "the score of this figure failed",
        explore(Failing(), torch.eye(3), torch.eye(3), torch.eye(3), target=torch.eye(3)),
    ),
]
