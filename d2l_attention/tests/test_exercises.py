"""The checks of the exercises: what they say of wrong, unfinished and broken answers.

That the book's own solutions pass is tested with the book.
"""

import importlib
import pkgutil
from fractions import Fraction

import numpy as np
import pytest
import torch

from d2l_attention.exercises import check, names
from d2l_attention.exercises.checking import Trial, Wrong
from d2l_attention.language import set_language

from . import wrong_answers
from .right_answers import RIGHT

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


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_passes(name):
    assert check(**{name: RIGHT[name]}).passed


def less_the_largest(queries, keys):
    scores = RIGHT["distance_scores"](queries, keys)
    return scores - scores.amax(dim=1, keepdim=True)


def side_by_side(queries, keys, W_q, W_k, w_v):
    pairs = [torch.cat([query.expand(len(keys), -1), keys], dim=1) for query in queries]
    return torch.stack([(pair @ torch.cat([W_q, W_k], dim=1).T).tanh() @ w_v[0] for pair in pairs])


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("stable_softmax", lambda scores: scores.double().softmax(dim=1)),
        ("stable_softmax", lambda scores: scores.log_softmax(dim=1).exp()),
        ("distance_scores", less_the_largest),
        ("distance_scores", lambda q, k: q @ k.T - 0.5 * k.norm(dim=1) ** 2),
        ("lean_scores", side_by_side),
        ("lens_of", lambda numbers: numbers.count_nonzero(dim=1).to(torch.uint8)),
        ("weight_on", lambda weights, counts: weights[:, torch.tensor(counts)].sum(dim=1)),
    ],
)
def test_what_an_exercise_allows_passes(name, answer):
    verdict = check(**{name: answer})
    assert verdict.passed, verdict


@pytest.mark.parametrize("name", RIGHT)
def test_the_whole_case_is_shown(name):
    numbers = []

    def watched(*arguments):
        numbers.extend(X.numel() for X in arguments if isinstance(X, torch.Tensor))
        return RIGHT[name](*arguments)

    check(**{name: watched})
    assert max(numbers, default=0) <= 12, "more numbers than a reader can follow"


ODD = {
    "sparse": lambda X: X.to_sparse(),
    "compressed": lambda X: X[(None,) * (2 - X.ndim)].to_sparse_csr(),
    "complex": lambda X: X + 0j,
    "conjugate": lambda X: (X + 0j).conj(),
    "float8": lambda X: X.float().to(torch.float8_e4m3fn),
    "uint16": lambda X: X.to(torch.uint16),
    "quantised": lambda X: torch.quantize_per_tensor(X.float(), 0.1, 0, torch.quint8),
    "nested": lambda X: torch.nested.nested_tensor([*X]),
    "meta": lambda X: X.to("meta"),
    "masked": lambda X: torch.masked.masked_tensor(X.float(), torch.ones(X.shape).bool()),
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # such tensors are new to torch, or old
@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", RIGHT)
def test_a_result_that_is_no_plain_tensor_is_refused_by_name(name, kind):
    verdict = check(**{name: lambda *arguments: ODD[kind](RIGHT[name](*arguments))})
    assert "the result is of the kind" in repr(verdict)


@pytest.mark.parametrize("name", RIGHT)
def test_a_result_with_a_gradient_passes(name):
    def answer(*arguments):
        result = RIGHT[name](*arguments)
        return torch.nn.Parameter(result, requires_grad=result.is_floating_point())

    assert check(**{name: answer}).passed


@pytest.mark.parametrize("answer", [0.5, torch.tensor(0.5), np.float32(0.5), Fraction(1, 2)])
def test_a_number_of_any_kind_is_a_temperature(answer):
    assert check(half_temperature=answer).passed


class Rude:
    def __getattr__(self, name):
        raise RuntimeError("leave me alone")

    __repr__ = __eq__ = None


@pytest.mark.parametrize("name", names())
def test_whatever_is_given_there_is_a_verdict(name):
    for answer in (Rude(), None, 10**400, torch.nested.nested_tensor([torch.ones(1)] * 3), Rude):
        assert not check(**{name: answer}).passed
    words = "this cannot be checked, because reading it raised RuntimeError: leave me alone."
    if name in (
        "only_key_3", "like_with_like", "running_average", "one_place_back", "copy_from_before",
    ):  # fmt: skip
        assert words in repr(check(**{name: Rude()}))


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
