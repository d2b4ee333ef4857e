"""The checks of the exercises: what they say of wrong, unfinished and broken answers.

That the book's own solutions pass is tested with the book.
"""

import importlib
import pkgutil

import pytest
import torch

from d2l_attention.exercises import check, names
from d2l_attention.exercises.checking import Trial, Wrong
from d2l_attention.language import set_language

from . import wrong_answers

TOPICS = [name for _finder, name, _package in pkgutil.iter_modules(wrong_answers.__path__)]
WRONG = [
    param
    for topic in TOPICS
    for param in importlib.import_module(f".{topic}", wrong_answers.__name__).WRONG
]


@pytest.mark.parametrize(("name", "part", "answer"), WRONG)
def test_a_wrong_answer_gets_the_right_diagnosis(name, part, answer):
    verdict = check(**{name: answer})
    assert not verdict.passed
    assert part in repr(verdict)


def test_every_check_has_wrong_answers():
    assert {param.values[0] for param in WRONG} == set(names())


def test_the_smallest_case_is_shown():
    words = (
        "✗ look_back: query 0 has nothing before it, and yet its row is not all zeros, for n = 1."
    )
    assert repr(check(look_back=torch.eye)) == words


def test_the_diagnosis_is_in_the_readers_language():
    set_language("es")
    try:
        assert repr(check(look_back=lambda n: None)) == "… look_back: aún sin resolver."
    finally:
        set_language("en")


@pytest.mark.parametrize("answer", [{}, {"nothing": 1}, {"spread": 1, "look_back": 2}])
def test_there_is_one_answer_to_one_exercise(answer):
    came = ", ".join(answer) or "nothing"
    with pytest.raises(TypeError, match=f"to one of .*half_temperature, .*; not {came}"):
        check(**answer)


def test_an_argument_that_holds_nan_is_not_changed_by_being_read():
    assert Trial(lambda X: X + 1, X=torch.tensor([torch.nan, 1.0])).result[1] == 2


@pytest.mark.parametrize("weights", [[0.5, 0.499], [0.5, 0.501], [1.25, -0.25], [torch.nan, 1.0]])
def test_weights_are_nonnegative_and_sum_to_one(weights):
    with pytest.raises(Wrong, match="is negative" if -0.25 in weights else "sums to"):
        Trial(torch.tensor, data=weights).rows_sum_to_one()
    Trial(torch.tensor, data=[0.5, 0.49999]).rows_sum_to_one()
