"""Attention that never holds its whole weight matrix: blocks of queries, or torch's fused kernel."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from .masks import valid_mask

# Numbers in the largest tensor of a block: 4 MiB of float32.
BLOCK_SIZE = 2**20


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
    rows = max(1, BLOCK_SIZE // max(1, batch * row_size))
    if num_queries <= rows:
        return function(queries, *others)
    run = (
        partial(checkpoint, function, use_reentrant=False) if torch.is_grad_enabled() else function
    )
    outputs = [
        run(*(X if X.shape[1] == 1 else X[:, start : start + rows] for X in (queries, *others)))
        for start in range(0, num_queries, rows)
    ]
    return torch.cat(outputs, dim=1)


def fused_dot_product(
    queries: Tensor, keys: Tensor, values: Tensor, valid_lens: Tensor | None
) -> Tensor:
    """Compute scaled dot-product attention with torch's fused kernel, which keeps no weights."""
    # The kernels that keep no weights want one size for all; features of zero change nothing.
    query_size, value_size = queries.shape[2], values.shape[2]
    size = max(query_size, value_size)
    queries, keys, values = (F.pad(X, (0, size - X.shape[2])) for X in (queries, keys, values))

    def attend(queries: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        valid = None
        if valid_lens is not None:
            valid = valid_mask(valid_lens, keys.shape[1])  # (batch, 1 or num_queries, num_keys)
            valid = valid.expand(-1, queries.shape[1], -1)[:, None]
        heads = (X[:, None] for X in (queries, keys, values))  # (batch, 1, …, size)
        return F.scaled_dot_product_attention(*heads, valid, scale=query_size**-0.5)[:, 0]

    if valid_lens is None:
        output = attend(queries)
    else:
        # In blocks, because the kernel takes its mask as a matrix of the weights' size.
        output = in_query_blocks(attend, queries, valid_lens, row_size=keys.shape[1])
    return output[..., :value_size]
