"""Attention whose queries and keys, of any sizes, are projected to one before they are compared."""

import math

import torch
from torch import Tensor, nn

from .additive import additive_attention, additive_scores, row_size, scores_by_layer
from .attention import TwoStepAttention
from .checks import check_count, check_projection, is_plain_linear, made_weight
from .masks import Valid


class ProjectedAttention(TwoStepAttention):
    """Queries and keys of any sizes, brought to num_hiddens by W_q and W_k."""

    def __init__(
        self, num_hiddens: int, dropout: float = 0.0, query_size: int | None = None,
        key_size: int | None = None, *, keep_weights: bool = True,
    ):  # fmt: skip
        super().__init__(dropout, keep_weights=keep_weights)
        check_count("num_hiddens", num_hiddens)
        self.num_hiddens = num_hiddens
        # d2l's order, in which a seed draws sized layers and an optimiser counts parameters.
        self.W_k = self._projection("key_size", key_size)
        self.W_q = self._projection("query_size", query_size)

    def _projection(self, name: str, size: int | None) -> nn.Linear:
        if size is None:
            return nn.LazyLinear(self.num_hiddens, bias=False)
        check_count(name, size)
        return nn.Linear(size, self.num_hiddens, bias=False)

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        try:
            # Lazy layers are drawn in the order of these calls, which is d2l's too.
            queries, keys = self.W_q(queries), self.W_k(keys)
        except RuntimeError:  # checked after torch has refused, so that what fits costs no time
            check_projection("queries", queries, "W_q", self.W_q)
            check_projection("keys", keys, "W_k", self.W_k)
            raise
        return queries, keys  # (batch, num_queries or num_keys, num_hiddens)


class MultiplicativeAttention(ProjectedAttention):
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
        return self._compare(*self._project(queries, keys))

    _two_steps = score

    def _scale(self, queries: Tensor) -> float:
        return 1 / math.sqrt(self.num_hiddens)

    @property
    def M(self) -> Tensor:
        """The matrix of qᵀMk, (query_size, key_size)."""
        W_q, W_k = made_weight(query_size=self.W_q), made_weight(key_size=self.W_k)
        return W_q.T @ W_k / math.sqrt(self.num_hiddens)


class AdditiveAttention(ProjectedAttention):
    r"""Attention scored by a small network with one hidden layer.

    score(q, k) = w_vᵀ tanh(W_q q + W_k k)

    The same as a network without biases on q and k laid end to end. Where sizes are left out, a
    seed draws the numbers that it draws in d2l, whose states load.

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
        lazy = query_size is None or key_size is None  # then all is drawn in the first call
        self.w_v = nn.LazyLinear(1, bias=False) if lazy else nn.Linear(num_hiddens, 1, bias=False)

    def score(self, queries: Tensor, keys: Tensor) -> Tensor:
        return self._compare(*self._project(queries, keys))

    _two_steps = score

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        queries, keys = super()._project(queries, keys)
        if isinstance(self.w_v, nn.LazyLinear):
            self.w_v(queries[:, :0])  # drawn after W_q and W_k, before a block is computed
        return queries, keys

    def _compare(self, queries: Tensor, keys: Tensor, positions: Tensor | None = None) -> Tensor:
        w_v = self.w_v
        if is_plain_linear(w_v):
            return additive_scores(queries, keys, w_v.weight[0])
        return scores_by_layer(queries, keys, w_v)

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, valid: Valid) -> Tensor:
        if torch.compiler.is_compiling() or not is_plain_linear(self.w_v):
            return super()._attend(queries, keys, values, valid)
        return additive_attention(queries, keys, self.w_v.weight[0], values, valid)

    def _row_size(self, keys: Tensor) -> int:
        return row_size(keys)
