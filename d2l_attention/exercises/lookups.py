"""The exercises of the notebook on queries, keys and values."""

import math
from numbers import Real

import numpy as np
import torch
from torch import Tensor

from ..database import Database
from ..language import gettext as _
from .checking import Answer, Trial, Unsolved, Wrong, exercise, unreadable

KEYS = ["Zhang", "Lipton", "Li", "Smola", "Hu", "Werness"]


@exercise
def nearest_share(answer: Answer) -> None:
    """The k records with the largest scores share the weight, and the others get none."""
    for scores, k in (
        ([0.5, 1.0], 1),
        ([0.1, 0.7, -0.2, 0.4], 2),
        ([0.0, 0.5, 0.0, 0.0], 3),
        ([-0.5, -0.1], 1),
    ):
        trial = Trial(answer, scores=torch.tensor(scores), k=k)
        trial.has_shape(len(scores))
        weights = trial.result
        sharing = weights.count_nonzero().item()
        if sharing != k:
            words = _("{sharing} records have a weight, and not {k}")
            raise trial.wrong(words.format(sharing=sharing, k=k))
        least = min(score for score, weight in zip(scores, weights, strict=True) if weight)
        for i, (score, weight) in enumerate(zip(scores, weights, strict=True)):
            if score > least and not weight:
                words = _("record {i} has no weight, and one with a lower score has")
                raise trial.wrong(words.format(i=i))
        trial.rows_sum_to_one()
        words = _("the weight at {at} is {came}, and an equal share is {wanted}")
        trial.is_near((weights != 0) / k, words)


@exercise
def half_temperature(answer: object) -> None:
    """The temperature at which the query "Li" puts half of the weight on its own record."""
    if answer is None:
        raise Unsolved
    temperature = _number(answer)
    if temperature is None or not temperature > 0:
        raise Wrong(_("a temperature is a number above 0, not {answer!r}").format(answer=answer))
    weight = Database((key, 0) for key in KEYS).weights("Li", temperature)[0, 2].item()
    if abs(weight - 0.5) >= 0.01:
        words = _("at {answer:g} the weight of Li is {weight:.2f}")
        raise Wrong(words.format(answer=temperature, weight=weight))


def _number(answer: object) -> float | None:
    """Read a number, one in a tensor or an array without axes included; None if it is no number."""
    if isinstance(answer, Tensor) and unreadable(answer):
        return None
    if isinstance(answer, Tensor | np.ndarray) and answer.shape == ():
        answer = answer.item()
    if isinstance(answer, bool) or not isinstance(answer, Real):
        return None
    try:
        return float(answer)
    except OverflowError:  # a whole number that no float can hold
        return math.inf if answer > 0 else -math.inf  # type: ignore[operator]
