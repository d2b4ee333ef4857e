"""Softmax over the keys that are there."""

import torch
from torch import Tensor

from .checks import check_tensor
from .masks import read_valid_lens

# Up to so many scores, copying them costs less than calling a function with its own backward.
SMALL = 2**14


def masked_softmax(X: Tensor, valid_lens=None) -> Tensor:
    r"""Turn scores into attention weights, over the valid keys of each query alone.

    weights[b, i, j] = exp(X[b, i, j]) / Σ_{j' < valid_len} exp(X[b, i, j']) for j < valid_len,
    and exactly 0 elsewhere. A query with no valid key gets zeros throughout, and no gradient.

    Args:
        X: scores, (batch, num_queries, num_keys), of any floating dtype. Not modified. A score
            that is masked may hold anything, NaN included.
        valid_lens: None (every key is valid), or integers, (batch,) or (batch, num_queries): key
            j is valid if j < valid_len. A negative length leaves none, one past the end all.

    Returns:
        Attention weights, (batch, num_queries, num_keys), of the scores' dtype and device.

    Raises:
        TypeError: X is not a tensor.
        ValueError: X has another rank or is not floating; valid_lens is not of integers or has
            another shape.

    Source: Dive into Deep Learning, section "Attention Scoring Functions".

    >>> masked_softmax(torch.zeros(1, 2, 4), torch.tensor([[1, 4]]))
    tensor([[[1.0000, 0.0000, 0.0000, 0.0000],
             [0.2500, 0.2500, 0.2500, 0.2500]]])
    """
    check_tensor("X", X, ("batch", "num_queries", "num_keys"))
    if valid_lens is None:
        return torch.softmax(X, dim=-1)
    return softmax_over_valid(X, read_valid_lens(valid_lens, X))


def softmax_over_valid(X: Tensor, valid_lens: Tensor) -> Tensor:
    """Compute masked_softmax with lengths that `read_valid_lens` has read."""
    lens = valid_lens[:, :, None]  # (batch, 1 or num_queries, 1)
    masked = torch.arange(X.shape[2], device=X.device) >= lens
    empty = lens <= 0
    if X.numel() > SMALL and not torch.compiler.is_compiling():
        return _MaskedSoftmax.apply(X, masked, empty)
    # A row of nothing but −inf would be NaN, so an empty row is made uniform, then cleared.
    filled = X.masked_fill(masked, -torch.inf).masked_fill(empty, 0)
    return torch.softmax(filled, dim=-1).masked_fill(masked, 0)


class _MaskedSoftmax(torch.autograd.Function):
    """The same in one copy of the scores: each further one costs as much as softmax itself."""

    @staticmethod
    def forward(X: Tensor, masked: Tensor, empty: Tensor) -> Tensor:
        weights = X.masked_fill(masked, -torch.inf)
        torch.softmax(weights, dim=-1, out=weights)
        # A row of nothing but −inf has become NaN.
        return weights.masked_fill_(empty, 0)

    @staticmethod
    def setup_context(ctx, inputs, weights):
        masked = inputs[1]
        ctx.save_for_backward(weights, masked)
        ctx.save_for_forward(weights, masked)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        weights, masked = ctx.saved_tensors
        # What comes from a masked weight may be inf or NaN, which a weight of 0 would not stop.
        gradient = gradient.masked_fill(masked, 0)
        # torch's own backward of softmax, which is differentiable in turn.
        return torch._softmax_backward_data(gradient, weights, -1, weights.dtype), None, None

    @staticmethod
    def jvp(ctx, tangent: Tensor, *_masks):
        weights, masked = ctx.saved_tensors
        weighted = weights * tangent.masked_fill(masked, 0)
        return weighted - weights * weighted.sum(dim=-1, keepdim=True)

    @staticmethod
    def vmap(info, in_dims, *inputs):
        inputs = [
            X.expand(info.batch_size, *X.shape) if dim is None else X.movedim(dim, 0)
            for X, dim in zip(inputs, in_dims, strict=True)
        ]
        return _MaskedSoftmax.apply(*inputs), 0
