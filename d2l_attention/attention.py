"""Attention is a score, a softmax over the valid keys, and a weighted sum of their values."""

import math

import torch
from torch import Tensor, nn

from .checks import (
    check_count,
    check_dropout,
    check_inputs,
    check_made,
    check_projection,
    check_rows,
    check_same_size,
    check_scores,
    check_tensor,
    check_together,
)
from .masks import blank_masked, blank_unseeing, read_valid_lens
from .softmax import softmax_over_valid
from .streaming import additive_scores, fused_dot_product, in_query_blocks


class Attention(nn.Module):
    r"""Attention pooling, whatever the score: a subclass says what `score` is, and nothing more.

    output[b, i] = Σ_j α(q_i, k_j) v_j with α = softmax_j(score(q_i, k_j)) over the valid keys.

    Each query must be scored on its own: row i of the scores depends on query i and the keys,
    never on the other queries. Positions, where a score needs them, are part of q or k.

    Args:
        dropout: the share of the weights that training drops at random, in [0, 1).
        keep_weights: keep the weights of the last call in `attention_weights`. False never builds
            the whole weight matrix, so that memory grows with queries plus keys, not their product.

    Raises:
        TypeError, ValueError: dropout is not a number in [0, 1).

    Source: Dive into Deep Learning, section "Queries, Keys, and Values".

    >>> class Closeness(Attention):
    ...     def score(self, queries, keys):
    ...         return -torch.cdist(queries, keys)
    >>> keys = torch.tensor([[[0.0], [1.0]]])
    >>> attention = Closeness()
    >>> attention(queries=keys, keys=keys, values=keys).squeeze()
    tensor([0.2689, 0.7311])
    """

    def __init__(self, dropout: float = 0.0, *, keep_weights: bool = True):
        super().__init__()
        check_dropout(dropout)
        self.dropout = nn.Dropout(dropout)
        self.keep_weights = keep_weights
        self.attention_weights: Tensor | None = None

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Say how well each query fits each key: what a subclass defines.

        Takes (batch, num_queries, query_size) and (batch, num_keys, key_size), and returns any
        real numbers, (batch, num_queries, num_keys).
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method score(queries, keys)")

    def pool(self, scores: Tensor, values: Tensor, valid_lens=None) -> Tensor:
        """Turn scores into weights and average the values by them: what every attention does.

        output = dropout(masked_softmax(scores, valid_lens)) values

        Args:
            scores: (batch, num_queries, num_keys), floating.
            values: (batch, num_keys, value_size), of the scores' dtype.
            valid_lens: as in `masked_softmax`. Values that no query may see can hold anything.

        Returns:
            (batch, num_queries, value_size); the weights are kept, detached and before dropout.

        Raises:
            TypeError, ValueError: a shape, dtype or device that does not fit.
        """
        check_tensor("scores", scores, ("batch", "num_queries", "num_keys"))
        check_tensor("values", values, ("batch", "num_keys", "value_size"))
        check_rows("scores", scores.shape[2], values)
        if valid_lens is not None:
            valid_lens = read_valid_lens(valid_lens, scores)
        return self._pool(scores, blank_masked(values, valid_lens), valid_lens)

    def _pool(self, scores: Tensor, values: Tensor, valid_lens: Tensor | None) -> Tensor:
        check_together(scores=scores, values=values)
        if valid_lens is None:
            attention_weights = torch.softmax(scores, dim=-1)  # (batch, num_queries, num_keys)
        else:
            attention_weights = softmax_over_valid(scores, valid_lens)
        self.attention_weights = attention_weights.detach() if self.keep_weights else None
        return torch.bmm(self.dropout(attention_weights), values)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, valid_lens=None) -> Tensor:
        """Answer each query with an average of the values, weighted by how well their keys fit.

        Args:
            queries: (batch, num_queries, query_size), floating.
            keys, values: (batch, num_keys, key_size or value_size), of their dtype and device.
            valid_lens: as in `masked_softmax`. Keys and values that no query may see, and queries
                that may see no key, can hold anything, NaN included.

        Returns:
            (batch, num_queries, value_size).

        Raises:
            TypeError, ValueError: an argument whose shape, dtype, device or size does not fit.
        """
        check_inputs(queries, keys, values)
        if valid_lens is not None:
            valid_lens = read_valid_lens(valid_lens, queries)  # (batch, 1 or num_queries)
            queries = blank_unseeing(queries, valid_lens)
            seen = blank_masked(keys, valid_lens)
            keys, values = seen, seen if values is keys else blank_masked(values, valid_lens)
        if self.keep_weights:
            return self._pool(self._checked_score(queries, keys), values, valid_lens)
        self.attention_weights = None
        return self._stream(queries, keys, values, valid_lens)

    def _checked_score(self, queries: Tensor, keys: Tensor) -> Tensor:
        scores = self.score(queries, keys)
        check_scores(type(self).__name__, scores, queries, keys)
        return scores

    def _stream(self, queries: Tensor, keys: Tensor, values: Tensor, valid_lens) -> Tensor:
        def attend(queries, valid_lens=None):
            return self._pool(self._checked_score(queries, keys), values, valid_lens)

        lens = () if valid_lens is None else (valid_lens,)
        return in_query_blocks(attend, queries, *lens, row_size=keys.shape[1])


class DotProductAttention(Attention):
    r"""Attention scored by the scaled dot product.

    score(q, k) = qᵀk / √d, for queries and keys of one size d

    With entries of mean 0 and variance 1, qᵀk has variance d; the scaling brings it back to 1,
    so that softmax does not saturate as d grows.

    Args:
        dropout, keep_weights: as in `Attention`. Without weights, torch's fused
            `scaled_dot_product_attention` does the work.

    Raises:
        ValueError: queries and keys differ in size.

    Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1.

    >>> attention = DotProductAttention()
    >>> x = torch.tensor([[[2.0, 0.0], [0.0, 2.0]]])
    >>> attention(queries=x, keys=x, values=x).shape
    torch.Size([1, 2, 2])
    >>> attention.attention_weights
    tensor([[[0.9442, 0.0558],
             [0.0558, 0.9442]]])
    """

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        check_same_size(queries, keys)
        # Scaled before the product, whose half-precision sum could overflow.
        return torch.bmm(queries / math.sqrt(queries.shape[-1]), keys.mT)

    def _stream(self, queries: Tensor, keys: Tensor, values: Tensor, valid_lens) -> Tensor:
        own = type(self).score is not DotProductAttention.score
        if own or (self.training and self.dropout.p > 0):
            # torch's fused kernel has no other score, and on the CPU no dropout.
            return super()._stream(queries, keys, values, valid_lens)
        check_same_size(queries, keys)
        return fused_dot_product(queries, keys, values, valid_lens)


class DistanceAttention(Attention):
    r"""Attention scored by nearness: the closer the key, the larger its weight.

    score(q, k) = qᵀk − ½‖k‖², which is −½‖q − k‖² without the −½‖q‖² that is the same for every
    key and so cancels in softmax: the weights are those of the squared distance. Far from the
    origin the two terms nearly cancel and digits are lost: subtract a common point from both first.

    Args: as in `Attention`.

    Raises:
        ValueError: queries and keys differ in size.

    Source: Dive into Deep Learning, section "Attention Scoring Functions".

    >>> attention = DistanceAttention()
    >>> places = torch.tensor([[[0.0], [1.0], [3.0]]])
    >>> attention(queries=places[:, :1], keys=places, values=places).shape
    torch.Size([1, 1, 1])
    >>> attention.attention_weights
    tensor([[[0.6182, 0.3749, 0.0069]]])
    """

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        check_same_size(queries, keys)
        half_squares = keys.square().sum(dim=-1) / 2  # (batch, num_keys)
        return torch.bmm(queries, keys.mT) - half_squares[:, None, :]


class _ProjectedAttention(Attention):
    """Queries and keys of any sizes, brought to num_hiddens by W_q and W_k."""

    def __init__(
        self, num_hiddens: int, dropout: float = 0.0, query_size: int | None = None,
        key_size: int | None = None, *, keep_weights: bool = True,
    ):  # fmt: skip
        super().__init__(dropout, keep_weights=keep_weights)
        check_count("num_hiddens", num_hiddens)
        self.num_hiddens = num_hiddens
        self.W_q = self._projection("query_size", query_size)
        self.W_k = self._projection("key_size", key_size)

    def _projection(self, name: str, size: int | None) -> nn.Linear:
        if size is None:
            return nn.LazyLinear(self.num_hiddens, bias=False)
        check_count(name, size)
        return nn.Linear(size, self.num_hiddens, bias=False)

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        check_projection("queries", queries, "W_q", self.W_q)
        check_projection("keys", keys, "W_k", self.W_k)
        return self.W_q(queries), self.W_k(keys)  # (batch, num_queries or num_keys, num_hiddens)

    def _stream(self, queries: Tensor, keys: Tensor, values: Tensor, valid_lens) -> Tensor:
        # Lazy layers draw their numbers first: a block that did would differ when computed again.
        self._project(queries[:, :1], keys[:, :1])
        return super()._stream(queries, keys, values, valid_lens)


class MultiplicativeAttention(_ProjectedAttention):
    r"""Attention scored by the dot product of projected queries and keys.

    score(q, k) = (W_q q)ᵀ(W_k k) / √num_hiddens = qᵀMk with M = W_qᵀW_k / √num_hiddens

    What a Transformer's projections do, and the way to compare queries and keys of two sizes.

    Args:
        num_hiddens: the size both are projected to.
        dropout, keep_weights: as in `Attention`.
        query_size, key_size: the sizes of queries and keys; one that is left out is read off the
            first call.

    Raises:
        TypeError, ValueError: a size that is no positive whole number, or not that of W_q or W_k.

    Source: Luong et al., "Effective Approaches to Attention-based Neural Machine Translation"
    (2015), section 3.1; Vaswani et al. (2017), section 3.2.2.

    >>> attention = MultiplicativeAttention(num_hiddens=8, query_size=3, key_size=5)
    >>> attention(torch.ones(2, 1, 3), torch.ones(2, 10, 5), torch.ones(2, 10, 4)).shape
    torch.Size([2, 1, 4])
    >>> attention.M.shape
    torch.Size([3, 5])
    """

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        queries, keys = self._project(queries, keys)
        return torch.bmm(queries / math.sqrt(self.num_hiddens), keys.mT)

    @property
    def M(self) -> Tensor:
        """The matrix of qᵀMk, (query_size, key_size)."""
        check_made(query_size=self.W_q, key_size=self.W_k)
        return self.W_q.weight.T @ self.W_k.weight / math.sqrt(self.num_hiddens)


class AdditiveAttention(_ProjectedAttention):
    r"""Attention scored by a small network with one hidden layer.

    score(q, k) = w_vᵀ tanh(W_q q + W_k k)

    The same as a network without biases on q and k laid end to end.

    Args and errors: as in `MultiplicativeAttention`; num_hiddens is the hidden layer's size.

    Source: Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and
    Translate" (2014), section 3.1.

    >>> attention = AdditiveAttention(num_hiddens=8, dropout=0.1)
    >>> queries, keys, values = torch.ones(2, 1, 20), torch.ones(2, 10, 2), torch.ones(2, 10, 4)
    >>> attention(queries, keys, values, valid_lens=torch.tensor([2, 6])).shape
    torch.Size([2, 1, 4])
    """

    def __init__(
        self, num_hiddens: int, dropout: float = 0.0, query_size: int | None = None,
        key_size: int | None = None, *, keep_weights: bool = True,
    ):  # fmt: skip
        super().__init__(num_hiddens, dropout, query_size, key_size, keep_weights=keep_weights)
        self.w_v = nn.Linear(num_hiddens, 1, bias=False)

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        queries, keys = self._project(queries, keys)
        return additive_scores(queries, keys, self.w_v.weight[0])
