"""The exercises of the notebook on order and cost."""

import math

import torch

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, exercise


@exercise
def sine_positions(answer: Answer) -> None:
    """The vectors of the first positions, sines and cosines in turn."""
    for num_positions, size in ((1, 2), (2, 2), (2, 4), (3, 6)):
        wanted = torch.zeros(num_positions, size, dtype=torch.float64)
        for i in range(num_positions):
            for j in range(0, size, 2):
                angle = i / 10000 ** (j / size)
                wanted[i, j], wanted[i, j + 1] = math.sin(angle), math.cos(angle)
        words = _("number {j} of position {i} is {came} and should be {wanted}")
        Trial(answer, num_positions=num_positions, size=size).is_near(wanted, words)


@exercise
def one_place_back(answer: object) -> None:
    """In the live figure, each position looks at the one before it, by W_q alone."""
    goals.reach(answer, free=["W_q"])


@exercise
def new_lens(answer: Answer) -> None:
    """The lengths of new queries when the cache already holds keys."""
    for num_cached, num_new in ((1, 1), (0, 3), (5, 3)):
        trial = Trial(answer, num_cached=num_cached, num_new=num_new)
        trial.has_shape(1, num_new)
        for i in range(num_new):
            came, wanted = trial.result[0, i].item(), num_cached + i + 1
            if came != wanted:
                words = _("new query {i} sees {came:g} keys, and should see {wanted}")
                raise trial.wrong(words.format(i=i, came=came, wanted=wanted))
