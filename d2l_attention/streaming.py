"""Attention that never holds its whole weight matrix: blocks of queries, or torch's fused kernel."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from .masks import valid_mask

# Numbers in the largest tensor of a block: 4 MiB of float32, which caches hold.
BLOCK_SIZE = 2**20
# Where each block has its price: to start on a GPU, or to be compiled, as loops are written out.
LARGE_BLOCK_SIZE = 2**24


def block_rows(queries: Tensor, row_size: int) -> int:
    """Count the rows of (batch, num_queries, …) that make a block, if one costs so many numbers."""
    large = queries.device.type != "cpu" or torch.compiler.is_compiling()
    return max(1, (LARGE_BLOCK_SIZE if large else BLOCK_SIZE) // max(1, len(queries) * row_size))


def in_query_blocks(
    function: Callable[..., Tensor], queries: Tensor, *others: Tensor, row_size: int
) -> Tensor:
    """Call a function on blocks of queries and join what it returns along the query axis.

    In training, each block is computed again in the backward pass instead of being kept.

    Args:
        function: takes a block of `queries` and the same rows of each of `others`.
        queries: (batch, num_queries, …).
        others: (batch, num_queries, …), split like the queries, or (batch, 1, …), passed whole.
        row_size: the numbers that one query row of one example costs.
    """
    batch, num_queries = queries.shape[:2]
    rows = block_rows(queries, row_size)
    if num_queries <= rows:
        return function(queries, *others)

    def run(start: int) -> Tensor:
        block = (X if X.shape[1] == 1 else X[:, start : start + rows] for X in (queries, *others))
        if torch.is_grad_enabled():
            return checkpoint(function, *block, use_reentrant=False)
        return function(*block)

    starts = range(0, num_queries, rows)
    if torch.is_grad_enabled():
        return torch.cat([run(start) for start in starts], dim=1)
    # Into one tensor, because blocks kept between their temporaries would scatter the heap.
    first = run(0)
    output = first.new_empty(batch, num_queries, *first.shape[2:])
    output[:, :rows] = first
    for start in starts[1:]:
        output[:, start : start + rows] = run(start)
    return output


def fused_dot_product(
    queries: Tensor, keys: Tensor, values: Tensor, valid_lens: Tensor | None
) -> Tensor:
    """Compute scaled dot-product attention with torch's fused kernel, which keeps no weights."""
    # The kernels that keep no weights want one size for all; features of zero change nothing.
    query_size, value_size = queries.shape[2], values.shape[2]
    if query_size != value_size:
        size = max(query_size, value_size)
        queries, keys, values = (F.pad(X, (0, size - X.shape[2])) for X in (queries, keys, values))

    def attend(queries: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        valid = None
        if valid_lens is not None:
            # (batch, 1, 1 or num_queries, num_keys)
            valid = valid_mask(valid_lens, keys.shape[1])[:, None]
        heads = (X[:, None] for X in (queries, keys, values))  # (batch, 1, …, size)
        return F.scaled_dot_product_attention(*heads, valid, scale=query_size**-0.5)[:, 0]

    if valid_lens is None:
        output = attend(queries)
    elif valid_lens.shape[1] == 1:
        output = attend(queries, valid_lens)
    else:
        # In blocks, because such a mask is a matrix of the weights' size.
        output = in_query_blocks(attend, queries, valid_lens, row_size=keys.shape[1])
    return output if output.shape[2] == value_size else output[..., :value_size]


def additive_scores(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
    """Compute w_vᵀ tanh(q + k) of projected queries and keys, for w_v of (num_hiddens,).

    The (batch, num_queries, num_keys, num_hiddens) tensor of sums never exists: they are made in
    blocks, or, in a compiled module, each where it is used.
    """

    def fusible_score(queries: Tensor) -> Tensor:
        # A product with w_v would be a call, which needs its argument in memory; and compiled code
        # computes the logistic function several times as fast as tanh.
        hidden = 2 * torch.sigmoid(2 * (queries[:, :, None] + keys[:, None])) - 1
        return (hidden * w_v).sum(dim=-1)

    row_size = keys.shape[1] * keys.shape[2]
    if not torch.compiler.is_compiling():
        if queries.shape[1] <= block_rows(queries, row_size):
            return _additive_score(queries, keys, w_v)
        return _AdditiveScores.apply(queries, keys, w_v)
    if not torch.is_grad_enabled():
        return fusible_score(queries)
    # Gradients sum over queries and over keys, which is more than one pass can fuse.
    return in_query_blocks(fusible_score, queries, row_size=row_size)


def _additive_score(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
    return (queries[:, :, None] + keys[:, None]).tanh_() @ w_v


class _AdditiveScores(torch.autograd.Function):
    """The same in blocks, whose gradients are sums: nothing of a block is kept but what it adds."""

    @staticmethod
    def forward(queries: Tensor, keys: Tensor, w_v: Tensor) -> Tensor:
        def score(queries: Tensor) -> Tensor:
            return _additive_score(queries, keys, w_v)

        return in_query_blocks(score, queries, row_size=keys.shape[1] * keys.shape[2])

    @staticmethod
    def setup_context(ctx, inputs, scores):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        inputs = ctx.saved_tensors
        if not torch.is_grad_enabled():
            return _additive_gradients(*inputs, gradient)
        # Gradients of gradients are left to autograd.
        wanted = [X for X, needed in zip(inputs, ctx.needs_input_grad, strict=True) if needed]
        queries, keys, w_v = inputs
        scores = in_query_blocks(
            partial(_additive_score, keys=keys, w_v=w_v), queries,
            row_size=keys.shape[1] * keys.shape[2],
        )  # fmt: skip
        found = iter(torch.autograd.grad(scores, wanted, gradient, create_graph=True))
        return tuple(next(found) if needed else None for needed in ctx.needs_input_grad)

    @staticmethod
    def vmap(info, in_dims, *inputs):
        each = [[X] * info.batch_size if dim is None else X.unbind(dim)
                for X, dim in zip(inputs, in_dims, strict=True)]  # fmt: skip
        return torch.stack([_AdditiveScores.apply(*these) for these in zip(*each, strict=True)]), 0


def _additive_gradients(queries: Tensor, keys: Tensor, w_v: Tensor, gradient: Tensor):
    # With g for the gradient and t for the tanh: Σ g (1 − t²) w_v over keys, and over queries;
    # Σ g t over both. Sums over many blocks are kept in single precision or better.
    wide = torch.promote_types(queries.dtype, torch.float32)
    of_keys, of_w_v = (torch.zeros_like(X, dtype=wide) for X in (keys, w_v))

    def of_queries(queries: Tensor, gradient: Tensor) -> Tensor:
        hidden = (
            queries[:, :, None] + keys[:, None]
        ).tanh_()  # (batch, rows, num_keys, num_hiddens)
        of_w_v.add_(gradient.flatten() @ hidden.flatten(0, 2))
        spread = gradient[..., None].expand_as(hidden)
        torch.ops.aten.tanh_backward.grad_input(spread, hidden, grad_input=hidden)  # g (1 − t²)
        of_keys.add_(hidden.sum(dim=1))
        return hidden.sum(dim=2) * w_v

    row_size = keys.shape[1] * keys.shape[2]
    by_query = in_query_blocks(of_queries, queries, gradient, row_size=row_size)
    return by_query.to(queries.dtype), (of_keys * w_v).to(keys.dtype), of_w_v.to(w_v.dtype)
