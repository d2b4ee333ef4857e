"""Additive scores and attention, whose sums of each query and each key never exist all at once."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from .masks import Valid
from .precision import output_dtype, widened, without_autocast
from .softmax import softmax_over_valid
from .streaming import block_rows, in_query_blocks, transformed


def additive_scores(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
    """Compute w_vᵀ tanh(q + k) of projected queries and keys, in float32 or wider.

    The (batch, num_queries, num_keys, num_hiddens) tensor of sums never exists: they are made in
    blocks, or, in a compiled module, each where it is used.

    Args:
        queries, keys: (batch, num_queries or num_keys, num_hiddens).
        w_v: (num_hiddens,).
    """
    with without_autocast(queries):
        queries, keys, w_v = widened(queries, keys, w_v)
        if torch.compiler.is_compiling():
            return _fusible_scores(queries, keys, w_v)
        if queries.shape[1] <= block_rows(queries, row_size(keys)):
            return _scores(queries, keys, w_v)
        if transformed():
            return _scores_in_blocks(queries, keys, w_v)
        return _AdditiveScores.apply(queries, keys, w_v)


def additive_attention(
    queries: Tensor, keys: Tensor, w_v: Tensor, values: Tensor, valid: Valid
) -> Tensor:
    """Compute softmax(additive scores) values; the tanh is computed once more in backward."""
    returned = output_dtype(values)
    with without_autocast(queries):
        inputs = widened(queries, keys, w_v, values)
        return _AdditiveAttention.apply(*inputs, *valid).to(returned)


def scores_by_layer(queries: Tensor, keys: Tensor, layer: Callable[[Tensor], Tensor]) -> Tensor:
    """Compute layer(tanh(q + k)), where w_v is more than a matrix and so must be called."""

    def score(queries: Tensor) -> Tensor:
        return layer(_tanh_of_sums(queries, keys)).squeeze(-1)

    return in_query_blocks(score, queries, row_size=row_size(keys))


def row_size(keys: Tensor) -> int:
    """Count the numbers that one query is compared by: num_hiddens a key, where they are held."""
    if torch.compiler.is_compiling() and not torch.is_grad_enabled():
        return keys.shape[1]
    return keys.shape[1] * keys.shape[2]


def _tanh_of_sums(queries: Tensor, keys: Tensor) -> Tensor:
    # unsqueeze, where each call counts: indexing with None takes longer.
    return (queries.unsqueeze(2) + keys.unsqueeze(1)).tanh_()


def _scores(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
    return _tanh_of_sums(queries, keys) @ w_v


def _attention(queries: Tensor, keys: Tensor, w_v: Tensor, values: Tensor, valid: Valid) -> Tensor:
    return torch.bmm(softmax_over_valid(_scores(queries, keys, w_v), valid), values)


def _scores_in_blocks(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
    return in_query_blocks(
        lambda queries: _scores(queries, keys, w_v), queries, row_size=row_size(keys)
    )


def _fusible_scores(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
    def score(queries: Tensor) -> Tensor:
        # A product with w_v would be a call, which needs its argument in memory; and compiled code
        # computes the logistic function several times as fast as tanh.
        hidden = 2 * torch.sigmoid(2 * (queries[:, :, None] + keys[:, None])) - 1
        return (hidden * w_v).sum(dim=-1)

    if not torch.is_grad_enabled():
        return score(queries)
    # Gradients sum over queries and over keys, which is more than one pass can fuse.
    return in_query_blocks(score, queries, row_size=row_size(keys))


class _AdditiveScores(torch.autograd.Function):
    """`_scores` in blocks, whose gradients are sums: nothing of a block is kept but what it adds."""

    @staticmethod
    def forward(ctx: Any, queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
        ctx.save_for_backward(queries, keys, w_v)
        return _scores_in_blocks(queries, keys, w_v)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs = queries, keys, w_v = ctx.saved_tensors
        if torch.is_grad_enabled():
            return _pull_back(_scores, inputs, gradient)
        with without_autocast(queries):
            sums = _Gradients(keys, w_v)
            by_query = in_query_blocks(
                lambda queries, gradient: sums.add(_tanh_of_sums(queries, keys), gradient),
                queries, gradient, row_size=row_size(keys),
            )  # fmt: skip
        return by_query, sums.keys * w_v, sums.w_v


class _AdditiveAttention(torch.autograd.Function):
    """Scores, softmax and weighted sum of one block after another, and all their gradients."""

    @staticmethod
    def forward(
        ctx: Any, queries: Tensor, keys: Tensor, w_v: Tensor, values: Tensor,
        *valid: Tensor | None,
    ) -> Tensor:  # fmt: skip
        ctx.save_for_backward(queries, keys, w_v, values, *valid)

        def attend(queries: Tensor, *valid: Tensor | None) -> Tensor:
            return _attention(queries, keys, w_v, values, Valid(*valid))

        return in_query_blocks(attend, queries, *valid, row_size=row_size(keys))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, w_v, values, *valid = ctx.saved_tensors
        if torch.is_grad_enabled():
            attend = partial(_attention, valid=Valid(*valid))
            return *_pull_back(attend, (queries, keys, w_v, values), gradient), None, None
        sums, of_values = _Gradients(keys, w_v), torch.zeros_like(values)

        def of_queries(queries: Tensor, gradient: Tensor, *valid: Tensor | None) -> Tensor:
            hidden = _tanh_of_sums(queries, keys)  # (batch, rows, num_keys, num_hiddens)
            weights = softmax_over_valid(hidden @ w_v, Valid(*valid))  # (batch, rows, num_keys)
            of_values.baddbmm_(weights.mT, gradient)
            of_weights = torch.bmm(gradient, values.mT)
            of_scores = torch._softmax_backward_data(  # noqa: SLF001 (has no public name)
                of_weights, weights, -1, weights.dtype
            )
            return sums.add(hidden, of_scores)

        with without_autocast(queries):
            by_query = in_query_blocks(
                of_queries, queries, gradient, *valid, row_size=row_size(keys)
            )
        return by_query, sums.keys * w_v, sums.w_v, of_values, None, None


class _Gradients:
    """The gradients of keys (before w_v) and of w_v, which each block of queries adds to."""

    def __init__(self, keys: Tensor, w_v: Tensor):
        self.keys, self.w_v, self._weight = torch.zeros_like(keys), torch.zeros_like(w_v), w_v

    def add(self, hidden: Tensor, of_scores: Tensor) -> Tensor:
        """Take in a block, whose tanh is overwritten; return the gradient of its queries."""
        # With g for that of the scores and t for the tanh: Σ g (1 − t²) w_v over keys, and over
        # queries; Σ g t over both.
        self.w_v.add_(of_scores.flatten() @ hidden.flatten(0, 2))
        spread = of_scores[..., None].expand_as(hidden)
        torch.ops.aten.tanh_backward.grad_input(spread, hidden, grad_input=hidden)
        self.keys.add_(hidden.sum(dim=1))
        return hidden.sum(dim=2) * self._weight


def _pull_back(
    function: Callable[..., Tensor], inputs: Sequence[Tensor], gradient: Tensor
) -> tuple[Tensor, ...]:
    """Return the gradients of a function's inputs, such that they have gradients themselves."""
    with without_autocast(gradient):
        return torch.func.vjp(function, *inputs)[1](gradient)
