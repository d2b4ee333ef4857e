"""Scores that half precision cannot hold, and points far from the origin."""

import pytest
import torch

from d2l_attention import Attention, DistanceAttention, DotProductAttention, streaming

from . import reference
from .test_attention import KINDS, expected_score, make

HALVES = [torch.float16, torch.bfloat16]


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def by_loops(kind, attention, queries, keys, values):
    """Weights and outputs of the numbers as they are rounded, on float64 loops."""
    valid = [[[True] * keys.shape[1]] * queries.shape[1]] * len(queries)
    numbers = (X.double().tolist() for X in (queries, keys, values))
    weights, outputs = reference.attend(
        expected_score(kind, attention), *numbers, valid, values.shape[2]
    )
    return torch.tensor(weights), torch.tensor(outputs)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize(("kind", "size"), [("dot", 9), ("distance", 9), ("distance", 300)])
def test_large_entries_of_half_precision(kind, size, keep_weights, dtype, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    # Two numbers of bfloat16 near 648, a score of such entries, lie 4 apart.
    queries, keys = ((size * normal(1, 12, 64, seed=seed)).to(dtype) for seed in (1, 2))
    values = normal(1, 12, 3).to(dtype)
    attention = make(kind, keep_weights=keep_weights)
    _weights, expected = by_loops(kind, attention, queries, keys, values)
    output = attention(queries, keys, values)
    assert output.dtype == dtype
    torch.testing.assert_close(output.float(), expected, rtol=0.02, atol=0.02)
    if kind == "distance":
        assert attention.score(queries, keys).isfinite().all()


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("place", [20.0, 3000.0])
def test_distances_far_from_the_origin(place, keep_weights):
    around = torch.tensor([[[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1.5], [2, 2]]])
    X, autocast = place + around, torch.autocast("cpu", torch.bfloat16, enabled=place < 100)
    attention = DistanceAttention(keep_weights=keep_weights)
    near, expected = by_loops("distance", attention, around, around, around)
    with autocast:
        output = attention(X, X, around)
        weights = attention.weights(X, X)
    torch.testing.assert_close(output.float(), expected, rtol=0.01, atol=0.01)
    torch.testing.assert_close(weights.float(), near, rtol=0.01, atol=0.01)
    assert weights.argmax(dim=2).flatten().tolist() == list(range(6))


@pytest.mark.parametrize("keep_weights", [True, False])
def test_distances_far_from_the_origin_whose_first_keys_are_masked(keep_weights):
    around = torch.tensor([[[9, 9], [7, 9], [0, 0], [1, 0], [1, 0.5]]])
    expected = torch.softmax(-(torch.cdist(around, around).square() / 2)[:, :, 2:], -1)
    attention = DistanceAttention(keep_weights=keep_weights)
    X = 3000 + around
    for hidden in (torch.nan, 0.0, 3000.0):
        Y = X.clone()
        Y[:, :2] = hidden
        output = attention(X, Y, around, mask=torch.arange(5) > 1)
        torch.testing.assert_close(output, expected @ around[:, 2:], rtol=0.01, atol=0.01)


def test_the_first_key_may_be_padding_or_missing():
    X = normal(2, 3, 2).requires_grad_()
    attention = DistanceAttention()
    torch.testing.assert_close(attention(X, X[:, :0], X[:, :0]), torch.zeros(2, 3, 2))
    Y = X.detach().clone()
    Y[0] = torch.nan
    output = attention(X, Y, Y, [0, 3])
    output.sum().backward()
    assert output.isfinite().all() and X.grad.isfinite().all()


@pytest.mark.parametrize("setting", ["autocast", *HALVES])
@pytest.mark.parametrize("kind", KINDS)
def test_keeping_weights_changes_answers_by_rounding_only(kind, setting, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)
    dtype = torch.float32 if setting == "autocast" else setting
    attention = make(kind, dtype)
    inputs = [(2 * normal(2, 9, 8, seed=seed)).to(dtype) for seed in range(3)]
    outputs = []
    with torch.autocast("cpu", torch.bfloat16, enabled=setting == "autocast"):
        for attention.keep_weights in (True, False):
            outputs.append(attention(*inputs, [9, 4]))
    assert (
        outputs[0].dtype == outputs[1].dtype == (torch.bfloat16 if setting == "autocast" else dtype)
    )
    torch.testing.assert_close(*outputs, rtol=0.03, atol=0.03)


@pytest.mark.parametrize("keep_weights", [True, False])
def test_a_score_may_be_wider_than_its_inputs(keep_weights, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_SIZE", 40)

    class Wide(Attention):
        def score(self, queries, keys):
            return torch.bmm(queries.float(), keys.float().mT)

    X = normal(1, 9, 4).bfloat16()
    attention = Wide(keep_weights=keep_weights)
    output = attention(X, X, X)
    assert output.dtype == attention.weights(X, X).dtype == torch.bfloat16
    wide = X.double()
    expected = torch.softmax(wide @ wide.mT, dim=-1) @ wide
    torch.testing.assert_close(output.double(), expected, rtol=0.02, atol=0.02)


def test_a_fused_answer_is_in_the_dtype_of_the_values():
    X = normal(1, 3, 4)
    for attention in (DotProductAttention(keep_weights=False), make("additive")):
        attention.keep_weights = False
        for dtype in (*HALVES, torch.float32, torch.float64):
            Y = X.to(dtype)
            if list(attention.parameters()):
                attention.W_q(X.to(attention.w_v.weight.dtype))  # draws the lazy parameters
                attention.W_k(X.to(attention.w_v.weight.dtype))
            assert attention.to(dtype)(Y, Y, Y).dtype == dtype
