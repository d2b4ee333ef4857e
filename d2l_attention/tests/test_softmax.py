import math

import pytest
import torch
from hypothesis import given

from d2l_attention import masked_softmax, softmax

from . import reference
from .strategies import TOLERANCE, batches, counted


def test_by_hand():
    X = torch.tensor([[[0.0, math.log(3.0), 7.0]]])
    assert masked_softmax(X, [2]).tolist() == [[[pytest.approx(0.25), pytest.approx(0.75), 0.0]]]


def test_lengths_for_examples_and_for_queries():
    X = torch.zeros(2, 2, 4)
    third = pytest.approx(1 / 3)
    assert masked_softmax(X, torch.tensor([2, 3])).tolist() == [
        [[0.5, 0.5, 0.0, 0.0]] * 2,
        [[third, third, third, 0.0]] * 2,
    ]
    assert masked_softmax(X, torch.tensor([[1, 3], [2, 4]])).tolist() == [
        [[1.0, 0.0, 0.0, 0.0], [third, third, third, 0.0]],
        [[0.5, 0.5, 0.0, 0.0], [0.25] * 4],
    ]


def test_negative_is_nothing_and_past_the_end_is_all():
    weights = masked_softmax(torch.zeros(3, 1, 2), [-5, 0, 99])
    assert weights.tolist() == [[[0.0, 0.0]], [[0.0, 0.0]], [[0.5, 0.5]]]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("masked", [torch.inf, -torch.inf, torch.nan, "largest"])
@pytest.mark.parametrize("valid", ["lowest", 0.0])
def test_masked_weights_are_exactly_zero_whatever_the_scores(dtype, masked, valid):
    info = torch.finfo(dtype)
    masked = info.max if masked == "largest" else masked
    valid = info.min if valid == "lowest" else valid
    X = torch.tensor([[[valid, valid, masked, masked]]], dtype=dtype, requires_grad=True)
    weights = masked_softmax(X, [2])
    assert weights.tolist() == [[[0.5, 0.5, 0.0, 0.0]]]
    (gradient,) = torch.autograd.grad(weights[0, 0, 0], X)
    assert gradient.tolist() == [[[0.25, -0.25, 0.0, 0.0]]]


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_row_with_no_valid_key_is_zero_and_learns_nothing(dtype):
    X = torch.randn(1, 2, 3, dtype=dtype).requires_grad_()
    with torch.autograd.detect_anomaly(check_nan=True):
        weights = masked_softmax(X, [[0, 3]])
        (gradient,) = torch.autograd.grad((weights * torch.arange(3)).sum(), X)
    assert weights[0, 0].tolist() == gradient[0, 0].tolist() == [0.0] * 3
    assert weights[0, 1].sum().item() == pytest.approx(1, abs=TOLERANCE[dtype])
    assert gradient[0, 1].abs().sum() > 0


@given(batches())
def test_against_plain_loops(batch):
    queries, keys, _values, masking = batch
    X = queries @ keys.mT
    before = X.clone()
    weights = masked_softmax(X, **masking)
    marks = counted(*masking.values(), *X.shape)
    expected = [
        [reference.weights(row, valid) for row, valid in zip(example, rows, strict=True)]
        for example, rows in zip(X.double().tolist(), marks, strict=True)
    ]
    expected = torch.tensor(expected, dtype=torch.float64).reshape(X.shape)
    assert weights.dtype == X.dtype and weights.shape == X.shape
    torch.testing.assert_close(weights.double(), expected, rtol=0, atol=TOLERANCE[X.dtype])
    assert ((weights == 0) | (expected > 0)).all()
    assert torch.equal(X, before)


@pytest.mark.parametrize(
    ("X", "lens", "error", "words"),
    [
        ([[1.0]], None, TypeError, "X must be a torch tensor"),
        (torch.zeros(2, 4), None, ValueError, r"X has shape \(2, 4\).*num_keys"),
        (torch.zeros(2, 2, 4, dtype=torch.int64), None, ValueError, "torch.int64"),
        (torch.zeros(2, 2, 4, dtype=torch.complex64), None, ValueError, "torch.complex64"),
        (torch.zeros(2, 2, 4), torch.ones(3, dtype=torch.int64), ValueError, r"\(3,\).*\(2,\)"),
        (torch.zeros(2, 2, 4), [[1, 2, 3], [1, 2, 3]], ValueError, r"\(2, 3\).*\(2, 2\)"),
        (torch.zeros(2, 2, 4), 3, ValueError, r"valid_lens has shape \(\)"),
        (torch.zeros(2, 2, 4), [[1], [2]], ValueError, r"\(2, 1\).*\(2, 2\)"),
        (torch.zeros(2, 2, 4), [2j, 3j], ValueError, "torch.complex64 is no plain"),
        (torch.zeros(2, 2, 4), [True, False], ValueError, "torch.bool.*; booleans go into mask"),
        (torch.zeros(2, 2, 4), [[1], [2, 3]], ValueError, "valid_lens must be integers"),
        (torch.zeros(2, 2, 4), ["2", "3"], ValueError, "valid_lens must be integers"),
        (torch.zeros(2, 2, 4), [2**70, 1], ValueError, "valid_lens must be integers"),
    ],
)
def test_errors_name_what_came_and_what_was_needed(X, lens, error, words):
    with pytest.raises(error, match=words):
        masked_softmax(X, lens)


@pytest.mark.parametrize("sign", ["uint", "int"])
@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_lengths_are_integers_of_any_dtype(sign, bits):
    dtype = getattr(torch, f"{sign}{bits}")
    weights = masked_softmax(torch.zeros(2, 1, 300), torch.tensor([1, 100], dtype=dtype))
    assert weights[0, 0].tolist() == [1.0] + [0.0] * 299
    assert weights[1, 0].tolist() == pytest.approx([0.01] * 100 + [0.0] * 200)
    longest = torch.tensor([torch.iinfo(dtype).max], dtype=dtype)
    assert masked_softmax(torch.zeros(1, 1, 100), longest)[0, 0, 99] == pytest.approx(0.01)


@pytest.mark.parametrize("lens", [None, [2], [4]])
@pytest.mark.parametrize("small", [0, 2**14])
def test_a_row_of_nothing_but_minus_infinity_is_empty(small, lens, monkeypatch):
    monkeypatch.setattr(softmax, "SMALL", small)
    X = torch.zeros(1, 3, 4)
    X[0, 0] = -torch.inf
    X[0, 2, 1] = torch.nan
    X.requires_grad_()
    weights = masked_softmax(X, lens)
    valid = 4 if lens is None else lens[0]
    assert weights[0, 0].tolist() == [0.0] * 4
    assert weights[0, 1].tolist() == [1 / valid] * valid + [0.0] * (4 - valid)
    assert weights[0, 2, :valid].isnan().all(), "NaN in a valid score stays"
    # The derivative of √w is infinite at 0.
    (gradient,) = torch.autograd.grad(weights[0, :2].sqrt().sum(), X)
    assert gradient[0, 0].tolist() == [0.0] * 4 and gradient[0, 1, :valid].isfinite().all()


@pytest.mark.parametrize("small", [0, 2**14])
def test_a_key_counts_if_it_is_below_a_length_of_any_dtype(small, monkeypatch):
    monkeypatch.setattr(softmax, "SMALL", small)
    lens = [0.0, -0.5, 0.1, 2.0, 2.5, torch.inf, -torch.inf, torch.nan, 3.999, 1e30]
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        of_dtype = torch.tensor(lens).to(dtype)
        X = torch.zeros(len(lens), 1, 300, requires_grad=True)
        weights = masked_softmax(X, of_dtype)[:, 0]
        for row, length in zip(weights.tolist(), of_dtype.tolist(), strict=True):
            assert [w > 0 for w in row] == [j < length for j in range(300)]
    assert masked_softmax(torch.zeros(1, 1, 3), [1.5]).tolist() == [[[0.5, 0.5, 0.0]]]
