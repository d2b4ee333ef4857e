"""Scores that are dot products of features: as a matrix, or inside torch's fused kernel."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .masks import Valid, valid_mask
from .precision import output_dtype, widened, without_autocast
from .streaming import LARGE_BLOCK_SIZE, in_query_blocks


def dot_products(queries: Tensor, keys: Tensor, scale: float) -> Tensor:
    """Compute scale qᵀk, (batch, num_queries, num_keys), in float32 or wider."""
    with without_autocast(queries):
        queries, keys = widened(queries, keys)
        return torch.bmm(queries if scale == 1 else queries * scale, keys.mT)


def fused_attention(
    queries: Tensor, keys: Tensor, values: Tensor, valid: Valid, scale: float
) -> Tensor:
    """Compute softmax(scale QKᵀ)V over the valid keys with torch's fused kernel, which keeps no weights."""
    dtype, value_size = torch.promote_types(queries.dtype, keys.dtype), values.shape[2]
    returned = output_dtype(values)
    # The kernels that keep no weights want one size for all; features of zero change nothing.
    size = max(queries.shape[2], value_size)
    if queries.device.type != "cpu":
        size += -size % 8  # a GPU reads features in groups
    queries, keys, values = (
        F.pad(X.to(dtype), (0, size - X.shape[2])) if X.shape[2] < size else X.to(dtype)
        for X in (queries, keys, values)
    )

    def attend(queries: Tensor, *valid: Tensor | None) -> Tensor:
        mask = valid_mask(Valid(*valid), keys.shape[1])
        if mask is not None:
            mask = mask[:, None]  # (1 or batch, 1, 1 or num_queries, num_keys)
        q, k, v = (X[:, None] for X in (queries, keys, values))  # (batch, 1, …, size)
        return F.scaled_dot_product_attention(q, k, v, mask, scale=scale)[:, 0]

    with without_autocast(queries):
        lens, mask = valid
        # A mask that is there already, the kernel copies once: the size of a large block at most.
        is_small = lens is None and mask is not None and mask.numel() <= LARGE_BLOCK_SIZE
        if is_small or all(X is None or X.shape[1] == 1 for X in valid):
            output = attend(queries, *valid)
        else:
            # In blocks, because such a mask is a matrix of the weights' size.
            output = in_query_blocks(attend, queries, *valid, row_size=keys.shape[1])
    return (output if size == value_size else output[..., :value_size]).to(returned)
