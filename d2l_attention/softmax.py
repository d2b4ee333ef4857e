"""Softmax over the keys that are there."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from .checks import check_tensor
from .masks import Valid, read_valid, valid_mask

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Up to so many scores, copying them costs less than calling a function with its own backward.
SMALL = 2**14


def masked_softmax(
    X: Tensor, valid_lens: "ArrayLike | None" = None, *, mask: "ArrayLike | None" = None
) -> Tensor:
    r"""Turn scores into attention weights, over the valid keys of each query alone.

    weights[b, i, j] = exp(X[b, i, j]) / Σ_{j' valid} exp(X[b, i, j']) where key j is valid, and
    exactly 0 elsewhere. A query with no valid key gets zeros throughout, and no gradient.

    Args:
        X: scores, (batch, num_queries, num_keys), of any floating dtype. Not modified. A score
            that is masked may hold anything, NaN included.
        valid_lens: None (every key is valid), or numbers, (batch,) or (batch, num_queries): key
            j is valid if j < valid_len. A negative length leaves none, one past the end all.
        mask: None, or booleans, (batch, num_queries, num_keys) or what broadcasts to it: a key is
            valid if they are True (in nn.MultiheadAttention they mean the opposite), and if
            valid_lens says so, too. (batch, num_keys) goes in as mask[:, None].

    Returns:
        Attention weights, (batch, num_queries, num_keys), of the scores' dtype and device.

    Raises:
        TypeError: X is not a tensor.
        ValueError: X has another rank or is not floating; valid_lens is not of real numbers (as
            boolean ones are not) or has another shape; mask is not of booleans, has another shape
            or is a tensor on another device.

    Source: Dive into Deep Learning, section "Attention Scoring Functions".

    >>> masked_softmax(torch.zeros(1, 2, 4), torch.tensor([[1, 4]]))
    tensor([[[1.0000, 0.0000, 0.0000, 0.0000],
             [0.2500, 0.2500, 0.2500, 0.2500]]])
    >>> masked_softmax(torch.zeros(1, 2, 4), mask=torch.ones(2, 4).bool().triu())
    tensor([[[0.2500, 0.2500, 0.2500, 0.2500],
             [0.0000, 0.3333, 0.3333, 0.3333]]])
    """
    check_tensor("X", X, ("batch", "num_queries", "num_keys"))
    return softmax_over_valid(X, read_valid(valid_lens, mask, X, X.shape[2]))


def softmax_over_valid(X: Tensor, valid: Valid) -> Tensor:
    """Compute masked_softmax with what `read_valid` has read."""
    marked = valid_mask(valid, X.shape[2])
    masked = None if marked is None else ~marked
    compiles = torch.compiler.is_compiling()
    if X.numel() > SMALL and not compiles:
        return _MaskedSoftmax.apply(X, masked)[0]
    if masked is None and not compiles and not (X.requires_grad and torch.is_grad_enabled()):
        # torch's own gives zeros to a row of nothing but −inf, in one call, but its gradient may be
        # NaN there. It has no public name.
        return torch._safe_softmax(X, -1)  # noqa: SLF001
    filled = X if masked is None else X.masked_fill(masked, -torch.inf)
    # A row of nothing but −inf would be NaN, so it is made uniform, then cleared.
    empty = (filled == -torch.inf).all(dim=-1, keepdim=True)
    cleared = empty if masked is None else masked | empty
    return torch.softmax(filled.masked_fill(empty, 0), dim=-1).masked_fill(cleared, 0)


class _MaskedSoftmax(torch.autograd.Function):
    """The same in one copy of the scores: each further one costs as much as softmax itself.

    Returns the weights, and which rows are empty.
    """

    @staticmethod
    def forward(X: Tensor, masked: Tensor | None) -> tuple[Tensor, Tensor]:
        if masked is None:
            empty = X.amax(dim=-1, keepdim=True) == -torch.inf
            # A row of nothing but −inf has become NaN.
            return torch.softmax(X, dim=-1).masked_fill_(empty, 0), empty
        filled = X.masked_fill(masked, -torch.inf)
        empty = filled.amax(dim=-1, keepdim=True) == -torch.inf
        # Such a row is given one finite score, whose weight is then all there is to clear.
        filled[..., :1].masked_fill_(empty, 0)
        weights = torch.softmax(filled, dim=-1, out=filled)
        weights[..., :1].masked_fill_(empty, 0)
        return weights, empty

    @staticmethod
    def setup_context(
        ctx: Any, inputs: tuple[Tensor, Tensor | None], outputs: tuple[Tensor, Tensor]
    ) -> None:
        saved = (inputs[1], *outputs)
        ctx.mark_non_differentiable(outputs[1])
        ctx.save_for_backward(*saved)
        ctx.save_for_forward(*saved)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, _empty: None) -> tuple[Tensor, None]:
        masked, weights, empty = ctx.saved_tensors
        # What comes from a weight of 0 may be inf or NaN, which the 0 would not stop.
        if masked is not None:
            gradient = gradient.masked_fill(masked, 0)
        # torch's own backward of softmax, which is differentiable in turn; it has no public name.
        found = torch._softmax_backward_data(  # noqa: SLF001
            gradient, weights, -1, weights.dtype
        )
        return found.masked_fill_(empty, 0), None

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, _masked: None) -> tuple[Tensor, None]:
        masked, weights, empty = ctx.saved_tensors
        weighted = weights * (tangent if masked is None else tangent.masked_fill(masked, 0))
        moved = weighted - weights * weighted.sum(dim=-1, keepdim=True)
        return moved.masked_fill(empty, 0), None

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], X: Tensor, masked: Tensor | None
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        def batched(Y: Tensor, dim: int | None) -> Tensor:
            return Y.expand(info.batch_size, *Y.shape) if dim is None else Y.movedim(dim, 0)

        masks = None if masked is None else batched(masked, in_dims[1])
        return _MaskedSoftmax.apply(batched(X, in_dims[0]), masks), (0, 0)
