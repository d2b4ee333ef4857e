"""The exercises of the notebook on attention pooling."""

import torch
from torch import Tensor

from ..language import gettext as _
from .checking import Answer, Trial, Unsolved, Wrong, exercise, shown, unreadable


@exercise
def stable_softmax(answer: Answer) -> None:
    """Softmax over the keys, of scores however large."""
    generator = torch.Generator().manual_seed(0)
    cases = [
        torch.tensor([[0.0, 0.0]]),
        torch.tensor([[0.0, 1.0], [2.0, -1.0]]),
        torch.tensor([[1000.0, 999.0]]),
        torch.tensor([[-1000.0, -1001.0]]),
        torch.tensor([[1000.0, 0.0]]),
        torch.tensor([[0.0, 1.0], [1000.0, 999.0]]),
        100 * torch.randn(3, 4, generator=generator),
    ]
    for scores in cases:
        trial = Trial(answer, scores=scores)
        wanted = torch.log_softmax(scores.double(), dim=1).exp().float()
        trial.has_shape(*scores.shape)
        for i, row in enumerate(trial.result):
            if row.isnan().any():
                words = _(
                    "the weights of row {i} are {came}, and should be {wanted} however large the scores"
                )
                raise trial.wrong(words.format(i=i, came=shown(row), wanted=shown(wanted[i])))
        trial.rows_sum_to_one()
        trial.is_near(wanted, _("the weight at {at} is {came} and should be {wanted}"))


@exercise
def point_weights(answer: object) -> None:
    """Weights of a convex combination of (0, 0), (4, 0) and (0, 4) that gives (1, 2)."""
    if answer is None:
        raise Unsolved
    if not isinstance(answer, Tensor) or unreadable(answer) or answer.shape != (3,):
        came = type(answer).__name__
        if isinstance(answer, Tensor):
            came = unreadable(answer) or shown(tuple(answer.shape))
        words = _("weights are a tensor of shape {shape}, not {came}")
        raise Wrong(words.format(shape=(3,), came=came))
    for i, weight in enumerate(answer.tolist()):
        if weight < 0:
            raise Wrong(_("weight {i} is negative: {weight}").format(i=i, weight=shown(weight)))
    total = answer.double().sum().item()
    if not abs(total - 1) <= 1e-4:  # NaN too
        raise Wrong(_("the weights sum to {total} and not to 1").format(total=shown(total)))
    x, y = (4 * answer.double()[1:]).tolist()
    if not (abs(x - 1) <= 1e-3 and abs(y - 2) <= 1e-3):
        raise Wrong(_("they give ({x}, {y}) and not (1, 2)").format(x=shown(x), y=shown(y)))


@exercise
def softmax_derivatives(answer: Answer) -> None:
    """The derivative of each weight, a row, with respect to each score, a column."""
    generator = torch.Generator().manual_seed(0)
    for scores in (torch.zeros(2), torch.randn(3, generator=generator).double()):
        derivatives = torch.func.jacrev(lambda a: a.softmax(dim=0))(scores)
        words = _("the derivative at {at} is {came} and should be {wanted}")
        Trial(answer, weights=scores.softmax(dim=0)).is_near(derivatives, words)
