"""Attention is a score, a softmax over the valid keys, and a weighted sum of their values."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from .checks import (
    check_dropout,
    check_inputs,
    check_rows,
    check_same_size,
    check_tensor,
    check_together,
)
from .dot_products import dot_products, fused_attention
from .language import gettext as _
from .masks import BLANK, Valid, blank_masked, guarded, read_valid
from .precision import widened
from .rows import ReadersScore
from .softmax import softmax_over_valid
from .streaming import in_query_blocks, transformed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Compare: TypeAlias = Callable[..., Tensor]  # of queries, keys and, for a block, its positions
Attend: TypeAlias = Callable[[Tensor, Tensor, Tensor, Valid], Tensor]
Prepared: TypeAlias = tuple[Tensor, Tensor, Compare, Attend | None]


class Attention(nn.Module):
    r"""Attention pooling, whatever the score: a subclass says what `score` is, and nothing more.

    output[b, i] = Σ_j α(q_i, k_j) v_j with α = softmax_j(score(q_i, k_j)) over the valid keys.

    Each query must be scored on its own: row i of the scores depends on query i, its position and
    the keys, never on the other queries, which may come in blocks.

    Args:
        dropout: the share of the weights that training drops at random, in [0, 1).
        keep_weights: keep the weights of the last call in `attention_weights`, detached (`weights`
            returns them with their gradient). False never builds the whole weight matrix, so that
            memory grows with queries plus keys, not their product; torch.func, forward-mode
            differentiation and a compiler of a `score` without positions do build it, and torch's
            fused kernel has no gradients of gradients.

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
        real numbers, (batch, num_queries, num_keys). A score that takes `positions` as well is
        told which rows of the whole call these queries are: (num_queries,), int64.
        """
        words = _("{type} needs a method score(queries, keys)")
        raise NotImplementedError(words.format(type=type(self).__name__))

    def weights(
        self, queries: Tensor, keys: Tensor, valid_lens: "ArrayLike | None" = None,
        *, mask: "ArrayLike | None" = None,
    ) -> Tensor:  # fmt: skip
        """Return the attention weights with their gradient: those that `forward` averages by.

        weights = masked_softmax(score(queries, keys), valid_lens, mask=mask)

        Args and errors: as in `forward`. Dropout plays no part, and nothing is kept.

        Returns:
            (batch, num_queries, num_keys), of the queries' dtype.
        """
        check_inputs(queries, keys, values=keys)
        rows = max(1, queries.shape[1])
        return next(self.weights_in_blocks(queries, keys, valid_lens, mask=mask, rows=rows))

    def weights_in_blocks(
        self, queries: Tensor, keys: Tensor, valid_lens: "ArrayLike | None" = None,
        *, mask: "ArrayLike | None" = None, rows: int,
    ) -> Iterator[Tensor]:  # fmt: skip
        """Yield what `weights` returns, for so many queries at a time; keys are projected once."""
        dtype, num_queries = queries.dtype, queries.shape[1]
        valid = read_valid(valid_lens, mask, queries, keys.shape[1])
        queries, keys, _values = guarded(valid, queries, keys, keys)
        queries, keys, compare, _attend = self._prepare(queries, keys)
        positions = torch.arange(num_queries, device=queries.device)
        for start in range(0, max(1, num_queries), rows):
            block = slice(start, start + rows)
            scores = compare(queries[:, block], keys, positions[block])
            yield softmax_over_valid(scores, valid.rows(start, start + rows)).to(dtype)

    def pool(
        self, scores: Tensor, values: Tensor, valid_lens: "ArrayLike | None" = None,
        *, mask: "ArrayLike | None" = None,
    ) -> Tensor:  # fmt: skip
        """Turn scores into weights and average the values by them: what every attention does.

        output = dropout(masked_softmax(scores, valid_lens, mask=mask)) values

        Args:
            scores: (batch, num_queries, num_keys), floating.
            values: (batch, num_keys, value_size), of the scores' dtype; half precision goes with
                float32, in which its scores are.
            valid_lens, mask: as in `masked_softmax`. Values that no query may see can hold anything.

        Returns:
            (batch, num_queries, value_size); the weights are kept, detached and before dropout.

        Raises:
            TypeError, ValueError: a shape, dtype or device that does not fit.
        """
        check_tensor("scores", scores, ("batch", "num_queries", "num_keys"))
        check_tensor("values", values, ("batch", "num_keys", "value_size"))
        check_rows("scores", scores.shape[2], values)
        check_together(True, scores=scores, values=values)
        valid = read_valid(valid_lens, mask, scores, scores.shape[2])
        return self._pool(scores, blank_masked(values, valid), valid)

    def _pool(self, scores: Tensor, values: Tensor, valid: Valid) -> Tensor:
        # (batch, num_queries, num_keys)
        attention_weights = softmax_over_valid(scores, valid).to(values.dtype)
        self.attention_weights = attention_weights.detach() if self.keep_weights else None
        return torch.bmm(self.dropout(attention_weights), values)

    def forward(
        self, queries: Tensor, keys: Tensor, values: Tensor,
        valid_lens: "ArrayLike | None" = None, *, mask: "ArrayLike | None" = None,
    ) -> Tensor:  # fmt: skip
        """Answer each query with an average of the values, weighted by how well their keys fit.

        Args:
            queries: (batch, num_queries, query_size), floating.
            keys, values: (batch, num_keys, key_size or value_size), of their dtype and device.
            valid_lens, mask: as in `masked_softmax`. Keys and values that no query may see, and
                queries that may see no key, can hold anything, NaN included.

        Returns:
            (batch, num_queries, value_size).

        Raises:
            TypeError, ValueError: an argument whose shape, dtype, device or size does not fit.
        """
        check_inputs(queries, keys, values)
        valid = read_valid(valid_lens, mask, queries, keys.shape[1])
        queries, keys, values = guarded(valid, queries, keys, values)
        queries, keys, compare, attend = self._prepare(queries, keys)
        if self.keep_weights or transformed():
            return self._pool(compare(queries, keys), values, valid)
        self.attention_weights = None
        if attend is None or (self.training and self.dropout.p > 0):
            attend = partial(self._attend_in_blocks, compare)
        return attend(queries, keys, values, valid)

    def _attend_in_blocks(
        self, compare: Compare, queries: Tensor, keys: Tensor, values: Tensor, valid: Valid
    ) -> Tensor:
        if isinstance(compare, ReadersScore) and compare.needs_all_queries:
            return self._pool(compare(queries, keys), values, valid)

        def attend(queries: Tensor, positions: Tensor, *valid: Tensor | None) -> Tensor:
            return self._pool(compare(queries, keys, positions[0]), values, Valid(*valid))

        if any(isinstance(X, UninitializedParameter) for X in self.parameters()):
            compare(queries[:, :1], keys[:, :1])  # drawn once, before a block is computed twice
        positions = torch.arange(queries.shape[1], device=queries.device)[None]  # (1, num_queries)
        return in_query_blocks(attend, queries, positions, *valid, row_size=self._row_size(keys))

    def _prepare(self, queries: Tensor, keys: Tensor) -> Prepared:
        """Do what a score does once a call.

        Returns:
            What is compared, (batch, num_queries or num_keys, …); a function that scores any block
            of these queries, given their positions; and one that attends without keeping weights,
            if there is one.
        """
        return queries, keys, ReadersScore(self, queries), None

    def _row_size(self, keys: Tensor) -> int:
        """Count the numbers that a query is compared by."""
        return keys.shape[1]


class TwoStepAttention(Attention):
    """A score of the package: `_project` once a call, `_compare` for each block of queries.

    They are compared by their dot product, if a subclass does not compare them otherwise. A class
    names the score that the two steps make `_two_steps`: one that overrides it is scored whole.
    Without weights a dot product is left to torch's fused kernel, any other comparison goes by blocks.
    """

    _two_steps: Callable[..., Tensor]

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError

    def _prepare(self, queries: Tensor, keys: Tensor) -> Prepared:
        cls = type(self)
        if "score" in vars(self) or cls.score is not cls._two_steps:
            return super()._prepare(queries, keys)  # a reader's subclass has a score of its own
        return *self._project(queries, keys), self._compare, self._attend

    def _scale(self, queries: Tensor) -> float:
        """Return the factor of the dot product."""
        return 1.0

    def _compare(self, queries: Tensor, keys: Tensor, positions: Tensor | None = None) -> Tensor:
        # What is compared are features, wherever they stand.
        return dot_products(queries, keys, self._scale(queries))

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, valid: Valid) -> Tensor:
        cls = type(self)
        if cls._compare is not TwoStepAttention._compare:
            return self._attend_in_blocks(self._compare, queries, keys, values, valid)
        return fused_attention(queries, keys, values, valid, self._scale(queries))


class DotProductAttention(TwoStepAttention):
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
        return self._compare(*self._project(queries, keys))

    _two_steps = score

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        check_same_size(queries, keys)
        return queries, keys

    def _scale(self, queries: Tensor) -> float:
        return 1 / math.sqrt(queries.shape[-1])


class DistanceAttention(TwoStepAttention):
    r"""Attention scored by nearness: the closer the key, the larger its weight.

    score(q, k) = qᵀk − ½‖k‖², which is −½‖q − k‖² without the −½‖q‖² that is the same for every
    key and so cancels in softmax: the weights are those of the squared distance. `score` loses
    digits far from the origin, where the two terms nearly cancel; the weights are computed from the
    first key that a query may see, in float32 or wider. A weight is exact to about 1e-7 times the
    square of the largest distance from that key.

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
        return self._compare(*_of_distance(*widened(queries, keys)))

    _two_steps = score

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        check_same_size(queries, keys)
        queries, keys = widened(queries, keys)
        # A common point taken off both changes no weight and saves digits: the first key that is
        # not blank, as it is where a mask hides it from all queries.
        seen = (keys != BLANK).any(dim=-1, keepdim=True)  # (batch, num_keys, 1)
        first = seen & (seen.cumsum(dim=1) == 1)
        origin = keys.detach().masked_fill(~first, 0).sum(dim=1, keepdim=True)  # 0 without keys
        return _of_distance(queries - origin, keys - origin)


def _of_distance(queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Add a feature to both, so that their dot product is qᵀk − ½‖k‖²."""
    half_squares = keys.square().sum(dim=-1, keepdim=True) / 2  # (batch, num_keys, 1)
    return F.pad(queries, (0, 1), value=1), torch.cat([keys, -half_squares], dim=-1)
