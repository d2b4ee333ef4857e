"""The exercises of the notebook on attention at work."""

import torch

from ..language import gettext as _
from .checking import Answer, Trial, exercise, shown


@exercise
def lens_of(answer: Answer) -> None:
    """The valid lengths of rows that are padded with 0 at the end."""
    for rows in ([[3]], [[5, 0], [0, 0]], [[1, 2, 3], [9, 9, 0], [0, 0, 0]]):
        trial = Trial(answer, numbers=torch.tensor(rows))
        trial.has_shape(len(rows))
        if trial.result.is_floating_point() or trial.result.dtype == torch.bool:
            words = _("the result has dtype {dtype}, and lengths are integers")
            raise trial.wrong(words.format(dtype=trial.result.dtype))
        for i, row in enumerate(rows):
            wanted = len(row) - row.count(0)
            if trial.result[i] != wanted:
                words = _("the valid length of row {i} is {came} and should be {wanted}")
                raise trial.wrong(words.format(i=i, came=trial.result[i].item(), wanted=wanted))


@exercise
def weight_on(answer: Answer) -> None:
    """How much of each query's weight is on the keys that count."""
    cases = [
        ([[0.75, 0.25]], [True, False]),
        ([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]], [True, False, True]),
        ([[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]], [False, False]),
    ]
    for rows, counts in cases:
        trial = Trial(answer, weights=torch.tensor(rows), counts=counts)
        trial.has_shape(len(rows))
        for i, row in enumerate(rows):
            wanted = sum(weight for weight, counted in zip(row, counts, strict=True) if counted)
            came = trial.result[i].item()
            if not abs(came - wanted) < 1e-4:
                words = _("query {i} has {came} of its weight there, and not {wanted}")
                raise trial.wrong(words.format(i=i, came=shown(came), wanted=shown(wanted)))
