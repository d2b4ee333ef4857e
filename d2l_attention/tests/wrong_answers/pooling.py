import torch

from . import wrong


def by_one_maximum(scores):
    powers = (scores - scores.amax()).exp()
    return powers / powers.sum(dim=1, keepdim=True)


def by_the_mean(scores):
    powers = (scores - scores.mean(dim=1, keepdim=True)).exp()
    return powers / powers.sum(dim=1, keepdim=True)


WRONG = [
    wrong(
        "stable_softmax",
        "row 0 are [nan, nan], and should be [0.7311, 0.2689] however large the scores, for scores = [",
        lambda s: s.exp() / s.exp().sum(1, keepdim=True),
    ),
    wrong(
        "stable_softmax",
        "row 0 are [nan, nan], and should be [0.2689, 0.7311] however large the scores, for scores = "
        "[[0, 1], [1000, 999]].",
        by_one_maximum,
    ),
    wrong("stable_softmax", "for scores = [[1000, 0]].", by_the_mean),
    wrong("stable_softmax", "row 0 sums to 2", lambda s: s.softmax(dim=0)),
    wrong("stable_softmax", "row 0 sums to 2, and not to 1", lambda s: (s - s.amax()).exp()),
    wrong("stable_softmax", "shape (2,)", lambda s: s[0].softmax(dim=0)),
    wrong("stable_softmax", "sums to 0.04385", lambda s: (s - s.amax()).exp() / s.exp().sum()),
    wrong("point_weights", "not solved yet", None),
    wrong("point_weights", "of shape (3,), not list", [0.25, 0.25, 0.5]),
    wrong("point_weights", "of shape (3,), not (1, 3)", torch.tensor([[0.25, 0.25, 0.5]])),
    wrong("point_weights", "weight 0 is negative: -1", torch.tensor([-1.0, 1.0, 1.0])),
    wrong("point_weights", "not torch.complex64", torch.tensor([0.25, 0.25, 0.5]) + 0j),
    wrong("point_weights", "not torch.sparse_coo", torch.tensor([0.25, 0.25, 0.5]).to_sparse()),
    wrong("point_weights", "sum to 0.75", torch.tensor([0.0, 0.25, 0.5])),
    wrong("point_weights", "sum to nan", torch.tensor([float("nan"), 0.25, 0.5])),
    wrong("point_weights", "they give (2, 1)", torch.tensor([0.25, 0.5, 0.25])),
    wrong(
        "softmax_derivatives", "(0, 1) is 0 and should be -0.25", lambda w: torch.diag(w - w * w)
    ),
    wrong("softmax_derivatives", "(0, 0) is -0.25", lambda w: torch.outer(w, w) - torch.diag(w)),
]
