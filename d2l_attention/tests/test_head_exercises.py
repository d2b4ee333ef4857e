"""The checks of the exercises on heads: right answers in many styles, and only they, pass."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from d2l_attention.exercises import check

from .right_answers import RIGHT
from .wrong_answers.heads import BEFORE, CAUSAL, figure


def split_by_hand(X, num_heads):
    size = X.shape[2] // num_heads
    return torch.stack([x[:, h * size : (h + 1) * size] for x in X for h in range(num_heads)])


def split_number_by_number(X, num_heads):
    batch, num_tokens, num_hiddens = X.shape
    size = num_hiddens // num_heads
    result = torch.zeros(batch * num_heads, num_tokens, size)
    for b in range(batch):
        for t in range(num_tokens):
            for j in range(num_hiddens):
                result[b * num_heads + j // size, t, j % size] = X[b, t, j]
    return result


def split_as_d2l_does(X, num_heads):
    X = X.reshape(X.shape[0], X.shape[1], num_heads, -1)
    X = X.permute(0, 2, 1, 3)
    return X.reshape(-1, X.shape[2], X.shape[3])


def join_as_d2l_does(X, num_heads):
    X = X.reshape(-1, num_heads, X.shape[1], X.shape[2])
    X = X.permute(0, 2, 1, 3)
    return X.reshape(X.shape[0], X.shape[1], -1)


def lens_by_hand(valid_lens, num_tokens, num_heads):
    rows = []
    for length in valid_lens.tolist():
        for _head in range(num_heads):
            rows.append([min(i + 1, length) for i in range(num_tokens)])
    return torch.tensor(rows)


def lens_expanded(valid_lens, num_tokens, num_heads):
    lens = RIGHT["causal_lens"](valid_lens, num_tokens)
    return lens[:, None].expand(-1, num_heads, -1).reshape(-1, num_tokens)


def lens_counted(valid_lens, num_tokens, num_heads):
    j = torch.arange(num_tokens)
    seen = (j <= j[:, None]) & (j < valid_lens.repeat_interleave(num_heads)[:, None, None])
    return seen.sum(dim=2)


def previous_by_hand(weights):
    result = []
    for head in weights:
        on_the_one_before = [head[i, i - 1].item() for i in range(1, len(head))]
        result.append(sum(on_the_one_before) / len(on_the_one_before))
    return torch.tensor(result)


def previous_by_indices(weights):
    i = torch.arange(1, weights.shape[1])
    return weights[:, i, i - 1].mean(dim=1)


def previous_by_mask(weights):
    n = weights.shape[1]
    return (weights * torch.diag(torch.ones(n - 1), -1)).sum(dim=(1, 2)) / (n - 1)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("split_heads", split_by_hand),
        ("split_heads", split_number_by_number),
        ("split_heads", split_as_d2l_does),
        ("split_heads", lambda X, h: X.unflatten(2, (h, -1)).transpose(1, 2).flatten(0, 1)),
        ("split_heads", lambda X, h: torch.stack(X.chunk(h, 2), 1).flatten(0, 1)),
        ("join_heads", lambda X, h: torch.stack([torch.cat([*x], 1) for x in X.split(h)])),
        ("join_heads", join_as_d2l_does),
        ("join_heads", lambda X, h: X.unflatten(0, (-1, h)).transpose(1, 2).flatten(2)),
        ("join_heads", lambda X, h: torch.cat([X[i::h] for i in range(h)], dim=2).double()),
        ("head_lens", lens_by_hand),
        ("head_lens", lens_expanded),
        ("head_lens", lens_counted),
        ("head_lens", lambda *x: RIGHT["head_lens"](*x).float()),
        ("previous_token", previous_by_hand),
        ("previous_token", previous_by_indices),
        ("previous_token", previous_by_mask),
    ],
)
def test_a_right_answer_in_another_style_passes(name, answer):
    verdict = check(**{name: answer})
    assert verdict.passed, verdict


@pytest.mark.parametrize("name", ["split_heads", "join_heads"])
@given(axis=st.integers(0, 2), seed=st.integers(0, 50))
def test_any_other_order_of_the_numbers_is_refused(name, axis, seed):
    moved = False

    def shuffled(X, num_heads):
        nonlocal moved
        result = RIGHT[name](X, num_heads)
        size = result.shape[axis]
        order = torch.randperm(size, generator=torch.Generator().manual_seed(seed + 100 * size))
        moved |= order.tolist() != [*range(size)]
        return result.index_select(axis, order)

    assert check(**{name: shuffled}).passed is not moved


@given(causal=st.integers(-2, 3), padding=st.integers(-2, 3))
def test_lengths_that_are_off_are_refused(causal, padding):
    def off(valid_lens, num_tokens, num_heads):
        lens = (valid_lens + padding).repeat_interleave(num_heads)[:, None]
        return torch.minimum(lens, torch.arange(num_tokens) + causal)

    assert check(head_lens=off).passed is ((causal, padding) == (1, 0))


@given(step=st.integers(-2, 1), first=st.integers(0, 1), fewer=st.integers(0, 2))
def test_other_means_of_the_weights_are_refused(step, first, fewer):
    def off(weights):
        diagonal = weights.diagonal(step, 1, 2)[:, first:]
        return diagonal.sum(dim=1) / (weights.shape[1] - fewer)

    assert check(previous_token=off).passed is ((step, first, fewer) == (-1, 0, 1))


@pytest.mark.parametrize("own", [0.0, 1.0, -1.0])
def test_keys_that_say_which_token_stood_before_reach_the_goal(own):
    """What stands there may count, too, as long as what stood before counts more."""
    read = 3 * torch.tensor(BEFORE) + own * torch.eye(2, 4)
    assert check(copy_from_before=figure(read.tolist(), CAUSAL)).passed


def test_the_goal_needs_nothing_but_the_matrix_of_the_keys_and_the_lengths():
    verdict = check(copy_from_before=figure(BEFORE, CAUSAL))
    assert verdict.passed, verdict
