"""Softmax over the keys that are there."""

import torch
from torch import Tensor

from .checks import check_tensor
from .masks import read_valid_lens, valid_mask


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
    valid_lens = read_valid_lens(valid_lens, X)  # (batch, 1 or num_queries)
    valid = valid_mask(valid_lens, X.shape[2])  # (batch, 1 or num_queries, num_keys)
    # A row of nothing but −inf would be NaN, so an empty row is made uniform, then cleared.
    blank = torch.where(valid_lens > 0, -torch.inf, 0.0).to(X.dtype)
    weights = torch.softmax(torch.where(valid, X, blank[:, :, None]), dim=-1)
    return weights.masked_fill(~valid, 0)
