"""Blocks of queries, so that no tensor of the size of all queries by all keys is ever held."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.utils.checkpoint import checkpoint

# Numbers in the largest tensor of a block: 4 MiB of float32, which caches hold.
BLOCK_SIZE = 2**20
# Where each block has its price: to start on a GPU, or to be compiled, as loops are written out.
LARGE_BLOCK_SIZE = 2**24


def block_rows(queries: Tensor, row_size: int) -> int:
    """Count the rows of (batch, num_queries, …) that make a block, if one costs so many numbers."""
    large = not queries.is_cpu or torch.compiler.is_compiling()
    size = LARGE_BLOCK_SIZE if large else BLOCK_SIZE
    return max(1, size // max(1, queries.shape[0] * row_size))


def in_query_blocks(
    function: Callable[..., Tensor], queries: Tensor, *others: Tensor | None, row_size: int
) -> Tensor:
    """Call a function on blocks of queries and join what it returns along the query axis.

    Args:
        function: takes a block of `queries` and the same rows of each of `others`.
        queries: (batch, num_queries, …).
        others: (…, num_queries, …), split like the queries; (…, 1, …) and None are passed whole.
        row_size: the numbers that one query row of one example costs.
    """
    batch, num_queries = queries.shape[:2]
    rows = block_rows(queries, row_size)
    if num_queries <= rows:
        return function(queries, *others)

    # Split and not sliced: the gradient of a slice is as large as what it was taken from.
    blocks = zip(
        *(
            [X] * -(-num_queries // rows) if X is None or X.shape[1] == 1 else X.split(rows, dim=1)
            for X in (queries, *others)
        ),
        strict=True,
    )
    if torch.is_grad_enabled():
        return torch.cat([call_again_in_backward(function, *block) for block in blocks], dim=1)
    # Into one tensor, because blocks kept between their temporaries would scatter the heap.
    first = function(*next(blocks))
    output = first.new_empty(batch, num_queries, *first.shape[2:])
    output[:, :rows] = first
    for at, block in enumerate(blocks, start=1):
        output[:, at * rows : (at + 1) * rows] = function(*block)
    return output


def call_again_in_backward(function: Callable[..., Tensor], *inputs: Tensor | None) -> Tensor:
    """Call a function; in training keep nothing that it makes, and call it again in backward."""
    if torch.is_grad_enabled() and not transformed():
        return checkpoint(function, *inputs, use_reentrant=False)
    return function(*inputs)


def transformed() -> bool:
    """Say whether torch.func or forward-mode differentiation is at work.

    Neither takes a checkpoint, nor has torch's fused kernel all the derivatives they ask for.
    """
    if torch.compiler.is_compiling():
        return False
    # Neither has a public name.
    functional = torch._C._are_functorch_transforms_active()  # noqa: SLF001
    return functional or forward_ad._current_level >= 0  # noqa: SLF001
