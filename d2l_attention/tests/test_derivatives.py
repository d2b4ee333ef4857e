"""Derivatives of every kind, on both sides of a block's size, against the plain formulas."""

import math

import pytest
import torch
from torch.autograd import forward_ad

from d2l_attention import AdditiveAttention, additive, softmax, streaming

from .test_attention import KINDS, make

LENS = [3, 0]


@pytest.fixture(params=["one block", "many blocks"])
def either_size(request, monkeypatch):
    if request.param == "many blocks":
        monkeypatch.setattr(streaming, "BLOCK_SIZE", 24)
        monkeypatch.setattr(softmax, "SMALL", 0)


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def plain_scores(queries, keys, w_v):
    return torch.tanh(queries[:, :, None] + keys[:, None]) @ w_v


def plain_attention(kind, attention, queries, keys, values):
    """Attention over the first three keys, which is what LENS leaves the first example."""
    queries, keys, values = queries[:1], keys[:1, :3], values[:1, :3]
    if kind in ("multiplicative", "additive"):
        queries, keys = queries @ attention.W_q.weight.T, keys @ attention.W_k.weight.T
    if kind == "additive":
        scores = plain_scores(queries, keys, attention.w_v.weight[0])
    elif kind == "distance":
        scores = -(queries[:, :, None] - keys[:, None]).square().sum(dim=-1) / 2
    elif kind == "reader's":
        norms = queries.norm(dim=-1)[:, :, None] * keys.norm(dim=-1)[:, None]
        scores = queries @ keys.mT / norms
    else:
        scores = queries @ keys.mT / math.sqrt(queries.shape[-1])
    return torch.softmax(scores, dim=-1) @ values


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_transform_of_torch_func(kind, keep_weights, either_size):
    attention = make(kind, torch.float64, keep_weights=keep_weights)
    inputs = [normal(2, n, 2, seed=n) for n in (4, 5, 6)]
    inputs[2] = inputs[2][:, :5]
    attention(*inputs)  # draws the lazy parameters
    direction = normal(2, 4, 2, seed=9)

    def ours(queries):
        return attention(queries, *inputs[1:], LENS).square().sum()

    def plain(queries):
        return plain_attention(kind, attention, queries, *inputs[1:]).square().sum()

    for transform in (
        torch.func.grad,
        torch.func.jacrev,
        torch.func.jacfwd,
        torch.func.hessian,
        lambda f: lambda Q: torch.func.jvp(f, (Q,), (direction,))[1],
        lambda f: lambda Q: torch.vmap(torch.func.grad(f))(torch.stack([Q, 2 * Q])),
        lambda f: lambda Q: torch.func.vjp(f, Q)[1](torch.tensor(3.0, dtype=Q.dtype))[0],
    ):
        torch.testing.assert_close(transform(ours)(inputs[0]), transform(plain)(inputs[0]))


@pytest.mark.parametrize("keep_weights", [True, False])
def test_additive_attention_has_every_derivative_of_every_argument(keep_weights, either_size):
    attention = make("additive", torch.float64, keep_weights=keep_weights)
    Q, K, V = (normal(2, n, 2, seed=seed).requires_grad_() for n, seed in ((4, 1), (5, 2), (5, 3)))
    attention(Q, K, V)
    names, parameters = zip(*attention.named_parameters(), strict=True)

    def attend(Q, K, V, *parameters):
        given = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(attention, given, (Q, K, V, LENS))

    assert torch.autograd.gradcheck(attend, (Q, K, V, *parameters), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(attend, (Q, K, V, *parameters))


def test_forward_mode_without_torch_func(either_size):
    X, direction = normal(2, 4, 2), normal(2, 4, 2, seed=1)
    for kind in KINDS:
        attention = make(kind, torch.float64, keep_weights=False)
        attention(X, X, X)
        with forward_ad.dual_level():
            output = attention(forward_ad.make_dual(X, direction), X, X, [3, 0])
            moved = forward_ad.unpack_dual(output).tangent
        expected = torch.func.jvp(
            lambda Q, kind=kind, own=attention: plain_attention(kind, own, Q, X, X),
            (X,), (direction,),
        )[1]  # fmt: skip
        torch.testing.assert_close(moved[:1], expected)


@pytest.mark.parametrize(
    "relate", [lambda q: q, lambda q: q.clone(), lambda q: 2 * q], ids=["same", "copy", "double"]
)
def test_second_derivatives_where_keys_come_from_queries(relate, either_size):
    X, w_v = normal(2, 4, 3).requires_grad_(), normal(3, seed=1).requires_grad_()

    def second(scores):
        found = scores(X, relate(X), w_v).square().sum()
        (first,) = torch.autograd.grad(found, X, create_graph=True)
        return torch.autograd.grad(first.square().sum(), (X, w_v))

    for found, expected in zip(second(additive.additive_scores), second(plain_scores), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("keep_weights", [True, False])
@pytest.mark.parametrize("kind", ["multiplicative", "additive"])
def test_gradients_of_gradients_after_autocast(kind, keep_weights, either_size):
    attention = make(kind, keep_weights=keep_weights or kind != "additive")
    X = normal(1, 4, 3).float().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss = attention(X, X, X).float().square().sum()
    (first,) = torch.autograd.grad(loss, X, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), X)
    exact = attention.double()
    Y = X.detach().double().requires_grad_()
    (of_exact,) = torch.autograd.grad(exact(Y, Y, Y).square().sum(), Y, create_graph=True)
    (expected,) = torch.autograd.grad(of_exact.square().sum(), Y)
    torch.testing.assert_close(second.double(), expected, rtol=0.1, atol=0.1 * expected.abs().max())


def test_backward_inside_autocast_is_that_outside(either_size):
    X = normal(1, 4, 3).float().requires_grad_()
    for keep_weights in (True, False):
        attention = AdditiveAttention(3, 0.0, 3, 3, keep_weights=keep_weights)
        output = attention(X, X, X).square().sum()
        (expected,) = torch.autograd.grad(output, X, retain_graph=True)
        with torch.autocast("cpu", torch.bfloat16):
            (found,) = torch.autograd.grad(output, X)
        torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)
